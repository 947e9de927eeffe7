using Grid.Residents;
using Orleans.Metadata;

namespace Grid.Silo.Hosting;

/// <summary>Which silo the placement gives a partition to, in the present view of the cluster.</summary>
internal sealed class PartitionMap(
    IClusterManifestProvider manifests, IClusterMembershipService membership, ILocalSiloDetails self, PartitionPlacementDirector placement)
{
    private static readonly GrainType Resident = GrainType.Create(ResidentGrain.TypeName);

    /// <summary>The active members that host grains; gateways are members that host none.</summary>
    internal SiloAddress[] Hosts()
    {
        var members = membership.CurrentSnapshot.Members;
        return
        [
            .. manifests.Current.Silos
                .Where(silo => silo.Value.Grains.ContainsKey(Resident)
                    && members.TryGetValue(silo.Key, out var member) && member.Status == SiloStatus.Active)
                .Select(static silo => silo.Key)
                .Order(),
        ];
    }

    /// <summary>
    /// Whether this silo is active and knows of every active member what it hosts. Members say so a moment after they join.
    /// </summary>
    internal bool IsComplete => membership.CurrentSnapshot.Members.Values
        .Where(static member => member.Status == SiloStatus.Active)
        .Select(static member => member.SiloAddress) is var active
        && active.Contains(self.SiloAddress) && active.All(manifests.Current.Silos.ContainsKey);

    /// <summary>The partitions that this silo wins.</summary>
    internal int[] Own()
    {
        var hosts = Hosts();
        return hosts.Length == 0
            ? []
            : [.. Enumerable.Range(0, Partitions.Count).Where(partition => placement.Winner(partition, hosts).Equals(self.SiloAddress))];
    }
}
