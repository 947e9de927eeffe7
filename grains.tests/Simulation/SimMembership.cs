using Grid.Engine.Cluster;

namespace Grid.Tests.Simulation;

/// <summary>What the silos of a cluster share about themselves, beside their data.</summary>
internal sealed class SimRegistry
{
    internal ClusterView? View { get; set; }

    internal Dictionary<MemberId, long> Beats { get; } = [];

    internal Dictionary<MemberId, long> Known { get; } = [];

    internal Dictionary<MemberId, SimProcess> Lives { get; } = [];
}

/// <summary>
/// The shared store of views and beats as one process reaches it: late, sometimes not at all, and sometimes without an answer
/// to what was done.
/// </summary>
internal sealed class SimMembership(SimRegistry registry, SimWire wire, SimProcess process, string machine) : IMembershipStore
{
    private const double FailsWhenReadsFail = 0.3;

    // As a connection to a database gives up.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private SimWorld World => process.World;

    /// <inheritdoc/>
    public Task<ClusterView?> ReadAsync(CancellationToken cancellation) => Ask(() => registry.View);

    /// <inheritdoc/>
    public Task<bool> TryWriteAsync(ClusterView next, CancellationToken cancellation) => Ask(() =>
    {
        if ((registry.View?.Version ?? 0) != next.Version - 1)
            return false;
        World.Log.Say($"{process.Name} writes view {next.Version}: {string.Join(' ', next.Members.Select(static member => $"{member.Id} {member.State}"))}; {string.Join(' ', next.Units.Select(static (unit, number) => $"{number}:{unit.Owner?.Name}/{unit.Epoch}{(unit.Former is { } former ? $"<{former}" : "")}"))}");
        World.Log.Mark(next.Version, process.Number);
        registry.View = next;
        return true;
    });

    /// <inheritdoc/>
    public Task<Pulse> BeatAsync(MemberId self, long beat, long known, CancellationToken cancellation) => Ask(() =>
    {
        if (registry.Beats.GetValueOrDefault(self) < beat)
            (registry.Beats[self], registry.Known[self]) = (beat, known);
        registry.Lives[self] = process;
        return Pulse();
    });

    /// <inheritdoc/>
    public Task<Pulse> ObserveAsync(CancellationToken cancellation) => Ask(Pulse);

    /// <inheritdoc/>
    public Task ForgetAsync(MemberId id, CancellationToken cancellation) => Ask(() => registry.Beats.Remove(id));

    // On one machine the store can tell whose process has ended; across machines nobody can.
    private Pulse Pulse() => new(
        registry.View?.Version ?? 0,
        new Dictionary<MemberId, long>(registry.Beats),
        wire.Weather.IsServer ? new HashSet<MemberId>() : registry.Lives.Where(static life => !life.Value.IsAlive).Select(static life => life.Key).ToHashSet())
    {
        Known = wire.Plant == PlantedBug.StrangersAreTakenOut ? registry.Beats.Keys.ToDictionary(static id => id, static _ => Grid.Engine.Cluster.Pulse.KnowsAll)
            : new Dictionary<MemberId, long>(registry.Known),
    };

    private Task<T> Ask<T>(Func<T> act)
    {
        var answer = new TaskCompletionSource<T>();
        var random = wire.Random;
        var (isLost, isUnanswered) = (Fails(), Fails());
        World.After(process.Until(process.Local + s_patience.Ticks), process, () =>
            answer.TrySetException(new MembershipException("The simulated store of views does not answer.")));
        World.After(random.Ticks(0.1, wire.Weather.RegistryMs), null, Arrive);
        return answer.Task;

        void Arrive()
        {
            if (isLost || wire.IsCut(machine, SimWire.Store, unlessStalled: true))
                return;
            if (wire.StallsUntil > World.Now && IsCut)
            {
                // A server that stands still does later what has reached it, whoever has given up waiting for that, in any order.
                World.After(wire.StallsUntil - World.Now + random.Ticks(0, 300), null, Arrive);
                return;
            }

            var result = act();
            if (!isUnanswered)
                World.After(random.Ticks(0.1, wire.Weather.RegistryMs), process, () => answer.TrySetResult(result));
        }
    }

    private bool IsCut => wire.IsCut(machine, SimWire.Store);

    private bool Fails() => wire.Random.Chance(wire.Weather.ReadFails * FailsWhenReadsFail);
}
