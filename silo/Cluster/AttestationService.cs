using Orleans.Runtime.Services;
using Orleans.Services;

namespace Grid.Silo.Cluster;

/// <summary>What members of the cluster ask each other past Redis.</summary>
[Alias("grid.attestation-service")]
internal interface IAttestationService : IGrainService
{
    /// <summary>Whether the asker was declared dead.</summary>
    [AlwaysInterleave]
    [Alias("Attest")]
    Task<Attestation> Attest(SiloAddress asker);

    /// <summary>The port of this member's <see cref="PeerWatch"/>; 0 when it has none.</summary>
    [AlwaysInterleave]
    [Alias("WatchPort")]
    Task<int> WatchPort();
}

/// <inheritdoc cref="IAttestationService"/>
internal sealed class AttestationService(
    GrainId id,
    Orleans.Runtime.Silo silo,
    ILoggerFactory logs,
    Attestor attestor,
    WatchPort port
) : GrainService(id, silo, logs), IAttestationService
{
    /// <inheritdoc/>
    // Off the silo's scheduler: a busy one would delay the answer beyond the asker's lease.
    public Task<Attestation> Attest(SiloAddress asker) => Task.Run(() => attestor.AnswerAsync(asker));

    /// <inheritdoc/>
    public Task<int> WatchPort() => Task.FromResult(port.Number);
}

/// <summary>The other members, as one of them asks them.</summary>
internal interface IPeers
{
    /// <summary>The members that could declare this one dead: all that are not dead, one that still joins among them.</summary>
    IReadOnlyList<SiloAddress> Others { get; }

    /// <summary>Asks one of them whether this silo was declared dead.</summary>
    Task<Attestation> AskAsync(SiloAddress peer);
}

/// <inheritdoc cref="IPeers"/>
internal sealed class Peers(
    IServiceProvider services,
    IClusterMembershipService membership,
    ILocalSiloDetails self,
    PeerWatch watch,
    ClusterTimes times,
    TimeProvider time
) : GrainServiceClient<IAttestationService>(services), IPeers
{
    /// <inheritdoc/>
    public IReadOnlyList<SiloAddress> Others =>
        [
            .. membership
                .CurrentSnapshot.Members.Values.Where(static member => member.Status is not SiloStatus.Dead)
                .Select(static member => member.SiloAddress)
                .Where(silo => !silo.Equals(self.SiloAddress)),
        ];

    /// <inheritdoc/>
    public async Task<Attestation> AskAsync(SiloAddress peer)
    {
        if (watch.IsGone(peer))
            return Attestation.Gone;
        try
        {
            return await GetGrainService(peer).Attest(self.SiloAddress).WaitAsync(times.Lease, time);
        }
        catch (Exception exception)
            when (exception is TimeoutException or OrleansException or OperationCanceledException)
        {
            return watch.IsGone(peer) ? Attestation.Gone : Attestation.Silent;
        }
    }

    /// <summary>The port at which a member is watched.</summary>
    internal Task<int> WatchPortAsync(SiloAddress peer) =>
        GetGrainService(peer).WatchPort().WaitAsync(ClusterTimes.ProbeTimeout, time);
}
