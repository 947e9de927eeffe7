using System.Collections.Immutable;
using System.Net;
using Grid.Silo.Cluster;
using Orleans.Metadata;

namespace Grid.Tests.Simulation;

/// <summary>
/// The membership protocol of one member: it joins, reads the table, probes the others, declares them dead, and detects
/// its own death. A short version of Orleans' protocol over the real table interface.
/// </summary>
internal sealed class SimMembership(SimMember member, IMembershipTable table)
    : IClusterMembershipService,
        IClusterManifestProvider,
        ILocalSiloDetails
{
    private readonly Dictionary<SiloAddress, int> _missed = [];
    private readonly HashSet<SiloAddress> _killing = [];
    private TaskCompletionSource _changed = new();
    private ClusterManifest? _manifest;
    private bool _isFatal;

    public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } =
        new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, MembershipVersion.MinValue);

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => Updates();

    public ClusterManifest Current
    {
        get
        {
            if (_manifest is null || _manifest.Version.Major != CurrentSnapshot.Version.Value)
            {
                _manifest = new ClusterManifest(
                    new MajorMinorVersion(CurrentSnapshot.Version.Value, 0),
                    CurrentSnapshot.Members.Keys.ToImmutableDictionary(static silo => silo, Manifest)
                );
            }

            return _manifest;
        }
    }

    public GrainManifest LocalGrainManifest => Manifest(member.Address);

    IAsyncEnumerable<ClusterManifest> IClusterManifestProvider.Updates => throw new NotSupportedException();

    public string ClusterId => "simulated";

    public string DnsHostName => member.Machine;

    public SiloAddress GatewayAddress => member.Address;

    public string Name => member.Process.Name;

    public SiloAddress SiloAddress => member.Address;

    /// <summary>Whether this member considers itself active.</summary>
    internal bool IsActive => CurrentSnapshot.GetSiloStatus(member.Address) == SiloStatus.Active;

    private TimeProvider Clock => member.Process.Clock;

    /// <summary>Called when the table declares this member dead.</summary>
    internal Action Fatal { get; set; } = member.Process.Crash;

    /// <summary>The active members that host grains, in order.</summary>
    internal SiloAddress[] Hosts() =>
        [
            .. CurrentSnapshot
                .Members.Values.Where(static each =>
                    each.Status == SiloStatus.Active && SimAddresses.HostsGrains(each.SiloAddress)
                )
                .Select(static each => each.SiloAddress)
                .Order(),
        ];

    /// <summary>Joins: declares earlier lives at its address dead and becomes active.</summary>
    internal async Task JoinAsync()
    {
        while (!await Write(SiloStatus.Joining))
            await Task.Delay(SimTimes.TableRefresh, Clock);
        while (!await ReachesOthers() || !await Write(SiloStatus.Active))
            await Task.Delay(SimTimes.TableRefresh, Clock);
        member.Process.Turns.Post(ReadForEver);
        member.Process.Turns.Post(ProbeForEver);
    }

    /// <summary>Leaves: marks itself as stopping, or as dead.</summary>
    internal async Task LeaveAsync(SiloStatus status)
    {
        for (var tries = 0; tries < 5 && !await Write(status); tries++)
            await Task.Delay(SimTimes.TableRefresh, Clock);
    }

    public async ValueTask Refresh(
        MembershipVersion minimumVersion = default,
        CancellationToken cancellationToken = default
    ) => await Read();

    /// <summary>Declares another member dead.</summary>
    public async Task<bool> TryKill(SiloAddress siloAddress)
    {
        if (!_killing.Add(siloAddress))
            return false;
        try
        {
            var data = await table.ReadAllAsync();
            // Orleans checks its own row first: a dead silo declares no other dead.
            if (data.TryGet(member.Address) is { Item1.Status: SiloStatus.Dead })
            {
                Die();
                return true;
            }

            if (data.TryGet(siloAddress) is not { } row || row.Item1.Status == SiloStatus.Dead)
                return true;
            row.Item1.Status = SiloStatus.Dead;
            if (!await table.UpdateRowAsync(row.Item1, row.Item2, data.Version.Next()))
                return false;
            await Read();
            Gossip();
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            _killing.Remove(siloAddress);
        }
    }

    private async Task<bool> Write(SiloStatus status)
    {
        try
        {
            var data = await table.ReadAllAsync();
            foreach (var (former, tag) in data.Members)
            {
                // An earlier life at this address is dead.
                if (
                    former.SiloAddress.Endpoint.Equals(member.Address.Endpoint)
                    && former.SiloAddress.Generation < member.Address.Generation
                    && former.Status != SiloStatus.Dead
                )
                {
                    former.Status = SiloStatus.Dead;
                    await table.UpdateRowAsync(former, tag, data.Version.Next());
                    return false;
                }
            }

            if (data.TryGet(member.Address) is not { } row)
            {
                if (status != SiloStatus.Joining || !await table.InsertRowAsync(NewEntry(), data.Version.Next()))
                    return false;
            }
            else if (row.Item1.Status == SiloStatus.Dead)
            {
                Die();
                return false;
            }
            else if (row.Item1.Status != status)
            {
                row.Item1.Status = status;
                if (!await table.UpdateRowAsync(row.Item1, row.Item2, data.Version.Next()))
                    return false;
            }

            await Read();
            Gossip();
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // In Orleans a member becomes active only if all active members answer it. Orleans ignores crashed members after a
    // while; the simulator ignores them at once.
    private async Task<bool> ReachesOthers()
    {
        await Read();
        try
        {
            await Task.WhenAll(
                Others()
                    .Where(silo =>
                        CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Active
                        && member.Cluster.Wire.At(silo)!.Process.IsAlive
                    )
                    .Select(PingAsync)
            );
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private Task PingAsync(SiloAddress other) =>
        member.Cluster.Wire.Ask(member, other, static _ => true).WaitAsync(SimTimes.Probe, Clock);

    private MembershipEntry NewEntry() =>
        new()
        {
            SiloAddress = member.Address,
            SiloName = member.Process.Name,
            HostName = member.Machine,
            Status = SiloStatus.Joining,
            StartTime = Clock.GetUtcNow().UtcDateTime,
            IAmAliveTime = Clock.GetUtcNow().UtcDateTime,
        };

    private async Task ReadForEver()
    {
        while (true)
        {
            await Read();
            // The keeper of the gate reads more often, and publishes new versions.
            await Task.Delay(member.Guard is null ? SimTimes.TableRefresh : ClusterTimes.OwnRefreshPeriod, Clock);
        }
    }

    private async Task Read()
    {
        try
        {
            Apply(await table.ReadAllAsync());
        }
        catch (TimeoutException)
        {
            // The next round retries.
        }
    }

    private void Apply(MembershipTableData data)
    {
        Take(
            new ClusterMembershipSnapshot(
                data.Members.ToImmutableDictionary(
                    static row => row.Item1.SiloAddress,
                    static row => new ClusterMember(row.Item1.SiloAddress, row.Item1.Status, row.Item1.SiloName)
                ),
                new MembershipVersion(data.Version.Version)
            )
        );
    }

    private void Take(ClusterMembershipSnapshot snapshot)
    {
        if (snapshot.Version.Value <= CurrentSnapshot.Version.Value)
            return;
        if (snapshot.GetSiloStatus(member.Address) == SiloStatus.Dead)
        {
            Die();
            return;
        }

        var former = CurrentSnapshot;
        CurrentSnapshot = snapshot;
        foreach (var (silo, now) in CurrentSnapshot.Members.OrderBy(static each => each.Key))
        {
            if (now.Status == SiloStatus.Dead && former.GetSiloStatus(silo) != SiloStatus.Dead)
                member.Calls.Break(silo);
        }

        var changed = _changed;
        _changed = new TaskCompletionSource();
        changed.SetResult();
    }

    private void Die()
    {
        if (_isFatal)
            return;
        _isFatal = true;
        member.Process.World.Log.Say($"{member.Process.Name} finds that it is dead");
        Fatal();
    }

    private void Gossip()
    {
        // Sends the view along, as Orleans does: members that can't read the table learn it too.
        var snapshot = CurrentSnapshot;
        foreach (var other in Others())
            member.Cluster.Wire.Send(member, other, target => target.Membership.Take(snapshot));
    }

    /// <summary>The other members that are not dead, in order.</summary>
    /// <param name="from">The minimum status of the members.</param>
    internal SiloAddress[] Others(SiloStatus from = SiloStatus.Active) =>
        [
            .. CurrentSnapshot
                .Members.Values.Where(each =>
                    each.Status >= from && each.Status < SiloStatus.Dead && !each.SiloAddress.Equals(member.Address)
                )
                .Select(static each => each.SiloAddress)
                .Order(),
        ];

    private async Task ProbeForEver()
    {
        var last = Clock.GetTimestamp();
        while (true)
        {
            await Task.Delay(SimTimes.Probe, Clock);
            var wasFrozen = Clock.GetElapsedTime(last) > SimTimes.Probe * 2;
            last = Clock.GetTimestamp();
            foreach (var other in Others())
            {
                // A member that was frozen does not blame others for probes it missed.
                _missed[other] = wasFrozen ? 0 : _missed.GetValueOrDefault(other) + 1;
                if (_missed[other] > SimTimes.MissedProbes)
                    _ = TryKill(other);
                Probe(other);
            }
        }
    }

    private void Probe(SiloAddress other)
    {
        var wire = member.Cluster.Wire;
        wire.Send(member, other, target =>
            wire.Send(target, member.Address, asker => asker.Membership._missed[other] = 0)
        );
    }

    private async IAsyncEnumerable<ClusterMembershipSnapshot> Updates()
    {
        while (true)
        {
            var changed = _changed;
            yield return CurrentSnapshot;
            await changed.Task;
        }
    }

    private static GrainManifest Manifest(SiloAddress silo) =>
        SimAddresses.HostsGrains(silo) ? SimTypes.Manifest : SimTypes.EmptyManifest;
}

/// <summary>The addresses of the simulated machines.</summary>
internal static class SimAddresses
{
    private const int SiloPort = 7000;
    private const int GatewayPort = 8000;

    /// <summary>The address of one life of a machine.</summary>
    internal static SiloAddress Of(int number, bool hostsGrains, int generation) =>
        SiloAddress.New(
            new IPEndPoint(IPAddress.Loopback, (hostsGrains ? SiloPort : GatewayPort) + number),
            generation
        );

    /// <summary>Whether the member at this address hosts grains.</summary>
    internal static bool HostsGrains(SiloAddress silo) => silo.Endpoint.Port < GatewayPort;
}
