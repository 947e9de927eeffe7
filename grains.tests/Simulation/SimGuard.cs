using System.Diagnostics.Metrics;
using Grid.Hosting.Settings;
using Grid.Silo.Cluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grid.Tests.Simulation;

/// <summary>
/// Stops a member from answering once others may have declared it dead: the real gate, leased table, keeper, attestor
/// and filter over simulated messages.
/// </summary>
internal sealed class SimGuard : IPeers
{
    /// <summary>The times of the product's default settings.</summary>
    internal static readonly ClusterTimes Times = ClusterTimes.Of(new GridClusterOptions());

    private readonly SimMember _member;
    private readonly Lazy<Attestor> _attestor;

    internal SimGuard(SimMember member, IMembershipTable table)
    {
        _member = member;
        Gate = new Gate(Clock);
        Table = new LeasedTable(table, member.Address, Gate, Times, Clock);
        _attestor = new Lazy<Attestor>(() => new Attestor(Table, member.Membership, Times, Clock));
        Filters = member.Cluster.Setup.Plant switch
        {
            PlantedBug.NoGate or PlantedBug.SlowFatalHandler => [],
            PlantedBug.NoSecondCheck => [new FirstCheck(Gate)],
            _ => [new GateFilter(Gate)],
        };
    }

    internal Gate Gate { get; }

    internal LeasedTable Table { get; }

    internal IIncomingGrainCallFilter[] Filters { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SiloAddress> Others => _member.Membership.Others(SiloStatus.Joining);

    private TimeProvider Clock => _member.Process.Clock;

    /// <summary>Renews the gate until the process ends.</summary>
    internal async Task KeepAsync()
    {
        var keeper = NewKeeper();
        while (true)
        {
            var begunAt = Clock.GetTimestamp();
            await keeper.TurnAsync();
            if (Times.ReadPeriod - Clock.GetElapsedTime(begunAt) is var rest && rest > TimeSpan.Zero)
                await Task.Delay(rest, Clock);
        }
    }

    /// <inheritdoc/>
    public async Task<Attestation> AskAsync(SiloAddress peer)
    {
        if (IsGone(peer))
            return Attestation.Gone;
        var answer = new TaskCompletionSource<Attestation>();
        var wire = _member.Cluster.Wire;
        wire.Send(_member, peer, target => target.Process.Turns.Post(async () =>
            {
                var attestation = await target.Guard!._attestor.Value.AnswerAsync(_member.Address);
                wire.Send(target, _member.Address, _ => answer.TrySetResult(attestation));
            }));
        try
        {
            return await answer.Task.WaitAsync(Times.Lease, Clock);
        }
        catch (TimeoutException)
        {
            return IsGone(peer) ? Attestation.Gone : Attestation.Silent;
        }
    }

    // Dispose the meter at once: its gauge would keep the whole world alive.
    private GateKeeper NewKeeper()
    {
        using var meters = new SimMeters();
        return new GateKeeper(
            Table,
            _attestor.Value,
            this,
            Gate,
            Times,
            _member.Membership,
            Clock,
            meters,
            NullLogger<GateKeeper>.Instance
        );
    }

    // The connection is refused. A cut hides the refusal.
    private bool IsGone(SiloAddress peer) =>
        _member.Cluster.Wire.At(peer) is { Process.IsAlive: false } gone
        && !_member.Cluster.Wire.IsCut(_member.Machine, gone.Machine);

    // Checks the gate before a change but not after it.
    private sealed class FirstCheck(Gate gate) : IIncomingGrainCallFilter
    {
        public Task Invoke(IIncomingGrainCallContext context) =>
            gate.IsOpen ? context.Invoke() : throw new NotServingException();
    }
}

/// <summary>A meter without listeners: simulated counts must not reach the metrics tests.</summary>
internal sealed class SimMeters : IMeterFactory
{
    private readonly Meter _meter = new("simulated");

    public Meter Create(MeterOptions options) => _meter;

    public void Dispose() => _meter.Dispose();
}
