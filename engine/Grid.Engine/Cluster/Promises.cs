namespace Grid.Engine.Cluster;

/// <summary>
/// What a silo has promised to others, and others to it, for the time without the store. Everything is of this silo's monotonic
/// clock; who uses it holds the node's lock.
/// </summary>
internal sealed class Promises(TimeProvider time, ClusterTimes times)
{
    private readonly Dictionary<MemberId, long> _givenAt = [];
    private readonly Dictionary<MemberId, long> _shown = [];
    private readonly Dictionary<MemberId, long> _takingOut = [];
    private readonly Dictionary<MemberId, long> _gotFrom = [];
    private readonly HashSet<MemberId> _ended = [];
    private long _gotFor;

    /// <summary>
    /// Notes that a silo follows a view. From the first time on that it is seen to know this silo it needs its promise; what it
    /// was promised by others before may last for one lease more.
    /// </summary>
    internal void Hear(MemberId from, long version)
    {
        if (ShownBy(from) < version)
        {
            _shown[from] = version;
            _givenAt[from] = time.GetTimestamp();
        }
    }

    /// <summary>The newest view that a silo has shown to follow when it asked; 0 for none.</summary>
    internal long ShownBy(MemberId from) => _shown.GetValueOrDefault(from);

    /// <summary>Promises a silo not to take it out for a lease, unless that has begun.</summary>
    /// <param name="to">Whom.</param>
    /// <param name="version">The newest view that this silo knows; the other is a member of it.</param>
    internal bool TryGive(MemberId to, long version)
    {
        if (_takingOut.GetValueOrDefault(to) > version)
        {
            return false;
        }

        _givenAt[to] = time.GetTimestamp();
        return true;
    }

    /// <summary>Whether a silo may rely on a promise of this one.</summary>
    internal bool Binds(MemberId to) => _givenAt.TryGetValue(to, out var at) && time.GetElapsedTime(at) < times.Lease;

    /// <summary>
    /// From here on nothing is promised to a silo until a view of this version or a newer one is known that has it: a change that
    /// was sent may stand late, however often an older view is read before.
    /// </summary>
    /// <param name="who">Who is taken out.</param>
    /// <param name="version">The version of the view that will be without it.</param>
    internal void TakeOut(MemberId who, long version) => _takingOut[who] = version;

    /// <summary>Whether a change that takes somebody out may yet stand, this view being the newest that is known.</summary>
    internal bool IsChangeOpen(ClusterView view) => view.Members.Any(member => _takingOut.GetValueOrDefault(member.Id) > view.Version);

    /// <summary>Notes what another member has promised.</summary>
    /// <param name="from">Who.</param>
    /// <param name="version">For which view.</param>
    /// <param name="askedAt">A moment before the promise was given.</param>
    internal void Got(MemberId from, long version, long askedAt)
    {
        Begin(version);
        _gotFrom[from] = Math.Max(askedAt, _gotFrom.GetValueOrDefault(from, long.MinValue));
    }

    /// <summary>
    /// Notes that another member's life is over. If it was still bound by a promise it has begun nothing against this silo, and
    /// nothing of it can come any more: it counts as promising for good. Otherwise a change of its may be on its way to the store.
    /// </summary>
    internal void Ended(MemberId who, long version)
    {
        Begin(version);
        if (_gotFrom.TryGetValue(who, out var at) && time.GetElapsedTime(at) < times.Lease - times.LeaseMargin)
        {
            _ended.Add(who);
        }
    }

    /// <summary>Whether a member is to be asked (again).</summary>
    internal bool IsDue(MemberId member, long version) =>
        _gotFor != version || (!_ended.Contains(member) && !(_gotFrom.TryGetValue(member, out var at) && time.GetElapsedTime(at) < times.Beat));

    /// <summary>The moment from which on all others have promised; null when not all have. Of nobody: now.</summary>
    internal long? From(ClusterView view, MemberId self)
    {
        Begin(view.Version);
        var from = time.GetTimestamp();
        foreach (var member in view.Members)
        {
            if (member.Id == self || _ended.Contains(member.Id))
            {
                continue;
            }

            if (!_gotFrom.TryGetValue(member.Id, out var at))
            {
                return null;
            }

            from = Math.Min(from, at);
        }

        return from;
    }

    /// <summary>Forgets silos that are members no more.</summary>
    internal void Keep(ClusterView view)
    {
        foreach (var about in new[] { _givenAt, _shown, _takingOut })
        {
            foreach (var gone in about.Keys.Where(id => view.Find(id) is null).ToArray())
            {
                about.Remove(gone);
            }
        }
    }

    // Promises are of members of one view to each other: another view, other members.
    private void Begin(long version)
    {
        if (_gotFor != version)
        {
            _gotFor = version;
            _gotFrom.Clear();
            _ended.Clear();
        }
    }
}
