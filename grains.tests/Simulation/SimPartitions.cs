using Grid.Silo.Cluster;

namespace Grid.Tests.Simulation;

/// <summary>Says which partitions a simulated silo takes: those that the real draw gives it, when it starts and when another one dies.</summary>
internal sealed class SimPartitions(SimMembership membership, PartitionDraw draw) : IPartitionsTaken
{
    public event Action<int[]>? Taken;

    internal async Task WatchAsync(CancellationToken stopping)
    {
        Say();
        var dead = Dead();
        await foreach (var _ in membership.MembershipUpdates.WithCancellation(stopping))
        {
            var now = Dead();
            if (now > dead)
                Say();
            dead = now;
        }
    }

    private int Dead() => membership.CurrentSnapshot.Members.Values.Count(static member => member.Status == SiloStatus.Dead);

    private void Say()
    {
        var hosts = membership.Hosts();
        if (hosts.Length > 0)
            Taken?.Invoke(
                [.. Enumerable.Range(0, Partitions.Count).Where(partition => draw.Winner(partition, hosts).Equals(membership.SiloAddress))]);
    }
}
