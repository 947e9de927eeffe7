namespace Grid.Engine.Cluster;

/// <summary>
/// When the beats of the other members were last seen to change, by this silo's monotonic clock. No two clocks are
/// compared, and none is set by anybody.
/// </summary>
internal sealed class Sightings(TimeProvider time, TimeSpan lease)
{
    private const long NoBeat = -1;

    private volatile Dictionary<MemberId, Sighting> _seen = [];

    /// <summary>Takes in how things stood.</summary>
    /// <param name="members">Whose beats matter.</param>
    /// <param name="pulse">What was read.</param>
    /// <param name="askedAt">A moment before it was read.</param>
    internal void Add(IEnumerable<MemberId> members, Pulse pulse, long askedAt)
    {
        var now = time.GetTimestamp();
        var old = _seen;
        var seen = new Dictionary<MemberId, Sighting>();
        foreach (var member in members)
        {
            var beat = BeatOf(pulse, member);
            seen[member] = old.TryGetValue(member, out var last) && last.Beat == beat
                // The beat stood still from when it was seen until it was asked for again.
                ? last with { StoodUntil = Math.Max(last.StoodUntil, askedAt), IsGone = pulse.Gone.Contains(member) }
                : new Sighting(beat, now, now, pulse.Gone.Contains(member));
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

    /// <summary>The beat of a member, or a number that no beat has.</summary>
    internal static long BeatOf(Pulse pulse, MemberId member) => pulse.Beats.GetValueOrDefault(member, NoBeat);

    private sealed record Sighting(long Beat, long Since, long StoodUntil, bool IsGone);
}
