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

        // A lost message gets no answer: the caller times out.
        private ValueTask<T> Ask<T>(Func<SimMember, T> question)
        {
            var answer = new TaskCompletionSource<T>();
            var wire = member.Cluster.Wire;
            wire.Send(member, silo, target =>
            {
                var found = question(target);
                wire.Send(target, member.Address, _ => answer.TrySetResult(found));
            });
            return new ValueTask<T>(answer.Task);
        }
    }
}

/// <summary>The activation of the current turn.</summary>
internal sealed class SimContexts : IGrainContextAccessor
{
    public IGrainContext GrainContext => SimTurns.Context!;
}
