namespace Grid.Tests.Simulation;

/// <summary>
/// Which silo has a grain, as Orleans' distributed directory promises it: one activation at a time, and what a dead silo had
/// is given to nobody before the hold is over. A knob breaks the promise for moments, as the default directory does.
/// </summary>
/// <param name="world">The world.</param>
/// <param name="table">Knows who is dead, and since when.</param>
/// <param name="wire">Tells silos of their duplicates.</param>
/// <param name="hold">How long what a dead silo had is kept.</param>
/// <param name="duplicates">How often a second activation is let in.</param>
internal sealed class SimDirectory(SimWorld world, SimRows table, SimWire wire, TimeSpan hold, double duplicates)
{
    private readonly Dictionary<GrainId, SimActivation> _entries = [];

    /// <summary>Whether there are second activations at the moment, or were.</summary>
    internal bool HadDuplicates { get; private set; }

    /// <summary>Where a grain is; null when nowhere.</summary>
    /// <returns>False while its silo is dead and the hold is not over.</returns>
    internal bool Find(GrainId grain, out SiloAddress? silo)
    {
        silo = _entries.TryGetValue(grain, out var entry) ? entry.Address.SiloAddress : null;
        if (silo is null || table.DeadSince(silo) is not { } since)
            return true;
        if (world.Now < since + hold.Ticks)
            return false;
        _entries.Remove(grain);
        silo = null;
        return true;
    }

    /// <summary>Enters an activation unless there is another.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="member">Its silo.</param>
    /// <param name="instead">The activation that it comes in the place of, if it migrates.</param>
    /// <returns>The silo that has the grain now; null while nobody can say.</returns>
    internal SiloAddress? TryRegister(SimActivation activation, SimMember member, ActivationId? instead)
    {
        if (!Find(activation.GrainId, out var silo))
            return null;
        if (silo is null || silo.Equals(member.Address) || _entries[activation.GrainId].ActivationId.Equals(instead.GetValueOrDefault()))
        {
            Enter(activation);
            return member.Address;
        }

        var other = _entries[activation.GrainId];
        if (!world.IsStormy || !wire.Random.Chance(duplicates))
            return silo;
        HadDuplicates = true;
        world.Log.Say($"a second activation of {activation.GrainId} on {member.Process.Name}");
        Enter(activation);
        wire.AfterWhile(50, 500, () => other.Deactivate(new DeactivationReason(DeactivationReasonCode.DuplicateActivation, "")));
        return member.Address;
    }

    /// <summary>Takes an activation out.</summary>
    internal void Unregister(SimActivation activation)
    {
        if (_entries.TryGetValue(activation.GrainId, out var entry) && ReferenceEquals(entry, activation))
            _entries.Remove(activation.GrainId);
    }

    private void Enter(SimActivation activation)
    {
        _entries[activation.GrainId] = activation;
        world.Log.Mark(activation.GrainId.GetUniformHashCode(), world.Now);
    }
}
