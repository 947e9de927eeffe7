namespace Grid.Silo.Cluster;

/// <summary>
/// The kills that this member has sent to the membership table. While the outcome of one is not known to be "not done" the
/// member vouches for that silo no more.
/// </summary>
internal sealed class KillLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SiloAddress, Kill> _kills = [];

    /// <summary>Whether a kill of the silo was sent that is done, on its way, or of unknown outcome.</summary>
    internal bool Has(SiloAddress silo)
    {
        lock (_lock)
        {
            return _kills.ContainsKey(silo);
        }
    }

    /// <summary>A kill leaves.</summary>
    internal void Begin(SiloAddress silo)
    {
        lock (_lock)
        {
            var kill = _kills.GetValueOrDefault(silo);
            _kills[silo] = kill with { InFlight = kill.InFlight + 1 };
        }
    }

    /// <summary>The table has answered: the kill is done, or lost the compare-and-swap and is not.</summary>
    internal void End(SiloAddress silo, bool isDone) =>
        Change(silo, kill => kill with { InFlight = kill.InFlight - 1, IsDone = kill.IsDone || isDone });

    /// <summary>The table has not answered: the kill may have been done, or may be done yet.</summary>
    internal void EndUnknown(SiloAddress silo, long at) =>
        Change(silo, kill => kill with { InFlight = kill.InFlight - 1, UnknownSince = at });

    /// <summary>A read that began at a moment found the silo alive: what was sent before is not done.</summary>
    internal void SeenAlive(SiloAddress silo, long begunAt)
    {
        lock (_lock)
        {
            if (_kills.TryGetValue(silo, out var kill) && kill.UnknownSince is { } since && since < begunAt)
                Set(silo, kill with { UnknownSince = null });
        }
    }

    /// <summary>A good read has no row of these silos any more: nobody asks for them.</summary>
    internal void ForgetDone(Func<SiloAddress, bool> isKnown)
    {
        lock (_lock)
        {
            foreach (
                var silo in _kills
                    .Where(each => each.Value is { InFlight: 0, IsDone: true } && !isKnown(each.Key))
                    .Select(static each => each.Key)
                    .ToArray()
            )
                _kills.Remove(silo);
        }
    }

    private void Change(SiloAddress silo, Func<Kill, Kill> change)
    {
        lock (_lock)
        {
            Set(silo, change(_kills[silo]));
        }
    }

    private void Set(SiloAddress silo, Kill kill)
    {
        if (kill is { InFlight: 0, IsDone: false, UnknownSince: null })
            _kills.Remove(silo);
        else
            _kills[silo] = kill;
    }

    private readonly record struct Kill(int InFlight, bool IsDone, long? UnknownSince);
}
