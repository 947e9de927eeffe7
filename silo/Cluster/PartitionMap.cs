using System.Collections.Concurrent;
using System.Collections.Immutable;
using Grid.Residents;
using Orleans.Metadata;

namespace Grid.Silo.Cluster;

/// <summary>
/// Maps partitions to silos, computed from the members and from what each member hosts. All members compute the same
/// map from the same view, so a grain is located without asking.
/// </summary>
internal sealed class PartitionMap(
    IClusterManifestProvider manifests,
    IClusterMembershipService membership,
    ILocalSiloDetails self
)
{
    private static readonly GrainType Resident = GrainType.Create(ResidentGrain.TypeName);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<SiloAddress, bool> _hosts = new();
    private readonly PartitionDraw _draw = new();
    private ImmutableHashSet<SiloAddress> _leaving = [];
    private volatile PartitionView? _view;

    /// <summary>The map of the current cluster view.</summary>
    internal PartitionView Current
    {
        get
        {
            var (members, manifest) = (membership.CurrentSnapshot, manifests.Current);
            return _view is { } view && view.IsOf(members, manifest) ? view : Compute();
        }
    }

    internal SiloAddress Self => self.SiloAddress;

    /// <summary>Notes that a silo is about to stop: from now on it owns no partition.</summary>
    internal void Leave(SiloAddress silo)
    {
        lock (_lock)
        {
            _leaving = _leaving.Add(silo);
            _view = null;
        }
    }

    /// <summary>The active members that host grains; gateways host none.</summary>
    internal SiloAddress[] Hosts() => Current.Hosts;

    /// <summary>
    /// Whether this silo is active and knows what every active member hosts. Members report that shortly after they
    /// join.
    /// </summary>
    internal bool IsComplete => Current is { IsComplete: true } view && view.IsActive(Self);

    /// <summary>The partitions that the map assigns to this silo.</summary>
    internal int[] Own()
    {
        var view = Current;
        return [.. Enumerable.Range(0, Partitions.Count).Where(partition => Self.Equals(view.OwnerOf(partition)))];
    }

    private PartitionView Compute()
    {
        lock (_lock)
        {
            var (members, manifest) = (membership.CurrentSnapshot, manifests.Current);
            foreach (var (silo, grains) in manifest.Silos)
                _hosts[silo] = grains.Grains.ContainsKey(Resident);
            foreach (var known in _hosts.Keys)
            {
                if (members.GetSiloStatus(known) == SiloStatus.Dead)
                    _hosts.TryRemove(known, out _);
            }

            var alive = members
                .Members.Values.Where(static member =>
                    member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping
                )
                .ToArray();
            SiloAddress[] hosts =
            [
                .. alive
                    .Where(member => member.Status == SiloStatus.Active && _hosts.GetValueOrDefault(member.SiloAddress))
                    .Select(static member => member.SiloAddress)
                    .Order(),
            ];
            // A live member that may host grains may have activations until it reports that it has none.
            SiloAddress[] peers =
            [
                .. alive
                    .Select(static member => member.SiloAddress)
                    .Where(silo => !silo.Equals(Self) && (!_hosts.TryGetValue(silo, out var isHost) || isHost)),
            ];
            var staying = hosts.Where(silo => !_leaving.Contains(silo)).ToArray();
            // The last silo serves until it ends.
            if (staying.Length == 0)
                staying =
                [
                    .. alive
                        .Select(static member => member.SiloAddress)
                        .Where(silo => _hosts.GetValueOrDefault(silo))
                        .Order(),
                ];
            var locations = new GrainAddress?[Partitions.Count];
            if (staying.Length > 0)
            {
                var addresses = staying
                    .Select(silo => new GrainAddress { SiloAddress = silo, MembershipVersion = members.Version })
                    .ToArray();
                for (var partition = 0; partition < locations.Length; partition++)
                    locations[partition] = addresses[Array.IndexOf(staying, _draw.Winner(partition, staying))];
            }

            return _view = new PartitionView(members, manifest)
            {
                Hosts = hosts,
                Peers = peers,
                Locations = locations,
                IsComplete = alive.All(member => _hosts.ContainsKey(member.SiloAddress)),
            };
        }
    }
}

/// <summary>The partition map of one cluster view.</summary>
internal sealed class PartitionView(ClusterMembershipSnapshot members, ClusterManifest manifest)
{
    internal ClusterMembershipSnapshot Members => members;

    /// <summary>The active members that host grains.</summary>
    internal required SiloAddress[] Hosts { get; init; }

    /// <summary>The other live members that may have activations.</summary>
    internal required SiloAddress[] Peers { get; init; }

    /// <summary>The owner of each partition, in the form the directory returns; null if no silo hosts grains.</summary>
    internal required GrainAddress?[] Locations { get; init; }

    /// <summary>Whether all members have reported what they host.</summary>
    internal required bool IsComplete { get; init; }

    /// <summary>The owner of a partition.</summary>
    internal SiloAddress? OwnerOf(int partition) => Locations[partition]?.SiloAddress;

    internal bool IsActive(SiloAddress silo) => members.GetSiloStatus(silo) == SiloStatus.Active;

    /// <summary>Whether the view was computed from these inputs.</summary>
    internal bool IsOf(ClusterMembershipSnapshot snapshot, ClusterManifest known) =>
        ReferenceEquals(members, snapshot) && ReferenceEquals(manifest, known);
}
