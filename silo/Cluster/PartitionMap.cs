using System.Collections.Concurrent;
using System.Collections.Immutable;
using Grid.Residents;
using Orleans.Metadata;

namespace Grid.Silo.Cluster;

/// <summary>
/// Which silo has which partition, computed from the members of the cluster and from what each of them hosts. Every member
/// computes the same from the same view, so nobody is asked where a grain is.
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

    /// <summary>What follows from the present view of the cluster.</summary>
    internal PartitionView Current
    {
        get
        {
            var (members, manifest) = (membership.CurrentSnapshot, manifests.Current);
            return _view is { } view && view.IsOf(members, manifest) ? view : Compute();
        }
    }

    /// <summary>This silo.</summary>
    internal SiloAddress Self => self.SiloAddress;

    /// <summary>A silo is about to stop and hands its partitions over: it has none from now on.</summary>
    internal void Leave(SiloAddress silo)
    {
        lock (_lock)
        {
            _leaving = _leaving.Add(silo);
            _view = null;
        }
    }

    /// <summary>The active members that host grains; gateways are members that host none.</summary>
    internal SiloAddress[] Hosts() => Current.Hosts;

    /// <summary>
    /// Whether this silo is active and knows of every active member what it hosts. Members say so a moment after they join.
    /// </summary>
    internal bool IsComplete => Current is { IsComplete: true } view && view.IsActive(Self);

    /// <summary>The partitions that fall to this silo.</summary>
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
            // A living member that may host grains may have activations, until it says that it has none.
            SiloAddress[] peers =
            [
                .. alive
                    .Select(static member => member.SiloAddress)
                    .Where(silo => !silo.Equals(Self) && (!_hosts.TryGetValue(silo, out var isHost) || isHost)),
            ];
            var staying = hosts.Where(silo => !_leaving.Contains(silo)).ToArray();
            // The last one serves until it ends.
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

/// <summary>The partitions in one view of the cluster.</summary>
internal sealed class PartitionView(ClusterMembershipSnapshot members, ClusterManifest manifest)
{
    /// <summary>The members.</summary>
    internal ClusterMembershipSnapshot Members => members;

    /// <summary>The active members that host grains.</summary>
    internal required SiloAddress[] Hosts { get; init; }

    /// <summary>The other members that are alive and may have activations.</summary>
    internal required SiloAddress[] Peers { get; init; }

    /// <summary>The silo of each partition, as the directory gives it; no silo when none hosts grains.</summary>
    internal required GrainAddress?[] Locations { get; init; }

    /// <summary>Whether it is known of every member whether it hosts grains.</summary>
    internal required bool IsComplete { get; init; }

    /// <summary>The silo of a partition.</summary>
    internal SiloAddress? OwnerOf(int partition) => Locations[partition]?.SiloAddress;

    /// <summary>Whether a member is active.</summary>
    internal bool IsActive(SiloAddress silo) => members.GetSiloStatus(silo) == SiloStatus.Active;

    /// <summary>Whether it was computed from these.</summary>
    internal bool IsOf(ClusterMembershipSnapshot snapshot, ClusterManifest known) =>
        ReferenceEquals(members, snapshot) && ReferenceEquals(manifest, known);
}
