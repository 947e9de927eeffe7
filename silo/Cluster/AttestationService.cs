using Orleans.Runtime.Services;
using Orleans.Services;

namespace Grid.Silo.Cluster;

/// <summary>Questions between cluster members that do not pass through Redis.</summary>
[Alias("grid.attestation-service")]
internal interface IAttestationService : IGrainService
{
    /// <summary>Answers whether the asking silo was declared dead.</summary>
    [AlwaysInterleave]
    [Alias("Attest")]
    Task<Attestation> Attest(SiloAddress asker);

    /// <summary>The port of this member's <see cref="PeerWatch"/>; 0 if it has none.</summary>
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
    // Run outside the silo's scheduler: on a busy silo the answer could miss the asker's lease.
    public Task<Attestation> Attest(SiloAddress asker) => Task.Run(() => attestor.AnswerAsync(asker));

    /// <inheritdoc/>
    public Task<int> WatchPort() => Task.FromResult(port.Number);
}

/// <summary>The other members of the cluster.</summary>
internal interface IPeers
{
    /// <summary>
    /// The members that could declare this one dead: all members that are not dead, including joining ones.
    /// </summary>
    IReadOnlyList<SiloAddress> Others { get; }

    /// <summary>Asks a member whether this silo was declared dead.</summary>
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

    /// <summary>The port on which a member accepts watch connections.</summary>
    internal Task<int> WatchPortAsync(SiloAddress peer) =>
        GetGrainService(peer).WatchPort().WaitAsync(ClusterTimes.ProbeTimeout, time);
}
