namespace Grid.Engine.Cluster;

/// <summary>
/// When the beats of the other members were last seen to change, by this silo's monotonic clock. No two clocks are
/// compared, and none is set by anybody.
/// </summary>
internal sealed class Sightings(TimeProvider time, TimeSpan lease)
{
    private const long NoBeat = -1;

    private volatile Dictionary<MemberId, Sighting> _seen = [];
    private long? _addedAt;

    /// <summary>Takes in how things stood.</summary>
    /// <param name="members">Whose beats matter.</param>
    /// <param name="pulse">What was read.</param>
    /// <param name="askedAt">A moment before it was read.</param>
    internal void Add(IEnumerable<MemberId> members, Pulse pulse, long askedAt)
    {
        var now = time.GetTimestamp();
        // Who could not look for so long begins anew: the others may have been as blind.
        var old = _addedAt is { } before && time.GetElapsedTime(before, askedAt) >= lease ? [] : _seen;
        _addedAt = now;
        var seen = new Dictionary<MemberId, Sighting>();
        foreach (var member in members)
        {
            var beat = BeatOf(pulse, member);
            seen[member] = old.TryGetValue(member, out var last) && last.Beat == beat
                // The beat stood still from when it was seen until it was asked for again.
                ? last with { StoodUntil = Math.Max(last.StoodUntil, askedAt), IsGone = pulse.Gone.Contains(member), Known = KnownBy(pulse, member) }
                : new Sighting(beat, now, now, pulse.Gone.Contains(member), KnownBy(pulse, member));
        }

        _seen = seen;
    }

    /// <summary>Whether a member is dead: its lease has run out, or its process is known to have ended.</summary>
    /// <param name="member">Who.</param>
    /// <param name="beat">Its last beat.</param>
    internal bool IsDead(MemberId member, out long beat)
    {
        beat = NoBeat;
        if (!_seen.TryGetValue(member, out var last))
        {
            return false;
        }

        beat = last.Beat;
        return last.IsGone || time.GetElapsedTime(last.Since, last.StoodUntil) >= lease;
    }

    /// <summary>Whether its process is known to have ended.</summary>
    internal bool IsGone(MemberId member) => _seen.GetValueOrDefault(member) is { IsGone: true };

    /// <summary>Whether its beat was seen to stand still for so long.</summary>
    internal bool HasStoodFor(MemberId member, TimeSpan span) =>
        _seen.GetValueOrDefault(member) is { } last && time.GetElapsedTime(last.Since, last.StoodUntil) >= span;

    /// <summary>The version of the view that a member followed at its last beat; 0 when it is not known.</summary>
    internal long KnownTo(MemberId member) => _seen.GetValueOrDefault(member)?.Known ?? 0;

    /// <summary>The beat of a member, or a number that no beat has.</summary>
    internal static long BeatOf(Pulse pulse, MemberId member) => pulse.Beats.GetValueOrDefault(member, NoBeat);

    private static long KnownBy(Pulse pulse, MemberId member) => pulse.Known.GetValueOrDefault(member);

    private sealed record Sighting(long Beat, long Since, long StoodUntil, bool IsGone, long Known);
}
