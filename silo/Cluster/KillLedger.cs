namespace Grid.Silo.Cluster;

/// <summary>
/// The kills that this member has sent to the membership table. Unless a kill is known to have failed, the member does
/// not vouch for that silo.
/// </summary>
internal sealed class KillLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SiloAddress, Kill> _kills = [];

    /// <summary>Whether a kill of the silo was sent and is done, in flight, or of unknown outcome.</summary>
    internal bool Has(SiloAddress silo)
    {
        lock (_lock)
        {
            return _kills.ContainsKey(silo);
        }
    }

    /// <summary>Records that a kill is sent.</summary>
    internal void Begin(SiloAddress silo)
    {
        lock (_lock)
        {
            var kill = _kills.GetValueOrDefault(silo);
            _kills[silo] = kill with { InFlight = kill.InFlight + 1 };
        }
    }

    /// <summary>Records the table's answer: the kill is done, or it lost the compare-and-swap.</summary>
    internal void End(SiloAddress silo, bool isDone) =>
        Change(silo, kill => kill with { InFlight = kill.InFlight - 1, IsDone = kill.IsDone || isDone });

    /// <summary>Records that the table did not answer: the kill may be done now or later.</summary>
    internal void EndUnknown(SiloAddress silo, long at) =>
        Change(silo, kill => kill with { InFlight = kill.InFlight - 1, UnknownSince = at });

    /// <summary>Records a read that found the silo alive: kills sent before the read started have failed.</summary>
    internal void SeenAlive(SiloAddress silo, long startedAt)
    {
        lock (_lock)
        {
            if (_kills.TryGetValue(silo, out var kill) && kill.UnknownSince is { } since && since < startedAt)
                Set(silo, kill with { UnknownSince = null });
        }
    }

    /// <summary>Forgets completed kills of silos that have no row in the table any more.</summary>
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
