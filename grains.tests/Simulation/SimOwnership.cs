using Grid.Silo.Cluster;

namespace Grid.Tests.Simulation;

/// <summary>Access to the ownership of other silos over simulated messages.</summary>
internal sealed class SimOwnershipPeers(SimMember member) : IOwnershipPeers
{
    /// <inheritdoc/>
    public IOwnershipService Of(SiloAddress silo) => new Service(member, silo);

    private sealed class Service(SimMember member, SiloAddress silo) : IOwnershipService
    {
        public ValueTask<HeldPartitions> Held() => Ask(static target => target.Ownership!.Held());

        public async ValueTask Leave(SiloAddress leaving) =>
            await Ask(target =>
            {
                target.Map.Leave(leaving);
                return true;
            });

        public async ValueTask Expect(SiloAddress from, int[] partitions) =>
            await Ask(target =>
            {
                target.Ownership!.Expect(from, partitions);
                return true;
            });

        public ValueTask<bool> IsReleased(GrainId grain, SiloAddress asker) =>
            Ask(target => target.Ownership!.IsReleased(grain, asker));

        private ValueTask<T> Ask<T>(Func<SimMember, T> question) =>
            new(member.Cluster.Wire.Ask(member, silo, question));
    }
}

/// <summary>The activation of the current turn.</summary>
internal sealed class SimContexts : IGrainContextAccessor
{
    public IGrainContext GrainContext => SimTurns.Context!;
}
