using System.Diagnostics.Metrics;

namespace Grid.Silo.Metrics;

/// <summary>
/// Metrics of a member besides Orleans' own: calls in flight, the wait of work for a thread, members in its membership
/// view, and lost members.
/// </summary>
internal sealed class SiloMetrics : BackgroundService, IIncomingGrainCallFilter
{
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromMilliseconds(500);

    private readonly IClusterMembershipService _membership;
    private readonly ILocalSiloDetails _self;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _waits;
    private readonly HashSet<SiloAddress> _counted = [];
    private long _active;
    private long _lost;

    public SiloMetrics(
        IMeterFactory meters,
        IClusterMembershipService membership,
        ILocalSiloDetails self,
        TimeProvider time
    )
    {
        _membership = membership;
        _self = self;
        _time = time;
        var silo = meters.Create("Grid.Silo");
        // Orleans does not measure how long a message waits. Messages wait for a pool thread, which a probe can
        // measure.
        _waits = silo.CreateHistogram<double>(
            "grid.silo.thread.wait",
            "s",
            "How long a probe waited for a thread of the process.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                [
                    0.0001,
                    0.00025,
                    0.0005,
                    0.001,
                    0.0025,
                    0.005,
                    0.01,
                    0.025,
                    0.05,
                    0.1,
                    0.25,
                    0.5,
                    1,
                    2.5,
                    5,
                ],
            }
        );
        silo.CreateObservableGauge(
            "grid.calls.active",
            () => Interlocked.Read(ref _active),
            "{call}",
            "Calls to grains that are not answered yet."
        );
        var cluster = meters.Create("Grid.Cluster");
        cluster.CreateObservableGauge(
            "grid.cluster.members",
            Members,
            "{member}",
            "Members of the cluster, silos and gateways, in the view of this process."
        );
        cluster.CreateObservableCounter(
            "grid.cluster.members.lost",
            () => Interlocked.Read(ref _lost),
            "{member}",
            "Members that were declared dead without having left, counted by one of the others."
        );
    }

    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        Interlocked.Increment(ref _active);
        Task call;
        try
        {
            call = context.Invoke();
        }
        catch
        {
            Interlocked.Decrement(ref _active);
            throw;
        }
        if (!call.IsCompletedSuccessfully)
            return AwaitAsync(call);
        Interlocked.Decrement(ref _active);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(WatchAsync(stoppingToken), ProbeAsync(stoppingToken));

    private async Task AwaitAsync(Task call)
    {
        try
        {
            await call;
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }

    private int Members() =>
        _membership.CurrentSnapshot.Members.Values.Count(static member => member.Status == SiloStatus.Active);

    private async Task WatchAsync(CancellationToken stopping)
    {
        var alive = new HashSet<SiloAddress>();
        try
        {
            await foreach (var view in _membership.MembershipUpdates.WithCancellation(stopping))
            {
                foreach (var member in view.Members.Values)
                    Observe(member, alive, view);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private void Observe(ClusterMember member, HashSet<SiloAddress> alive, ClusterMembershipSnapshot view)
    {
        if (member.Status == SiloStatus.Active)
            alive.Add(member.SiloAddress);
        else if (member.Status is SiloStatus.ShuttingDown or SiloStatus.Stopping)
            alive.Remove(member.SiloAddress);
        // Dead without leaving. All members see it; only the first of them counts it.
        else if (
            member.Status == SiloStatus.Dead
            && alive.Remove(member.SiloAddress)
            && _counted.Add(member.SiloAddress)
            && IsFirst(view)
        )
            Interlocked.Increment(ref _lost);
    }

    private bool IsFirst(ClusterMembershipSnapshot view) =>
        view
            .Members.Values.Where(static member => member.Status == SiloStatus.Active)
            .All(member => _self.SiloAddress.CompareTo(member.SiloAddress) <= 0);

    private async Task ProbeAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(ProbePeriod, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                ThreadPool.QueueUserWorkItem(
                    static probe =>
                        probe.Figures._waits.Record(probe.Figures._time.GetElapsedTime(probe.From).TotalSeconds),
                    (Figures: this, From: _time.GetTimestamp()),
                    preferLocal: false
                );
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }
}
