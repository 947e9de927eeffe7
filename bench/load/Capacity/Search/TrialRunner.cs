using System.Diagnostics;
using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.Capacity.Traffic;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Capacity.Search;

/// <summary>How long a rate is offered before the measurement, and how long it is measured.</summary>
internal sealed record TrialWindows(TimeSpan Settle, TimeSpan Window);

/// <summary>Offers rates to one cluster and measures its processes over the same window as the load.</summary>
internal sealed class TrialRunner(CityTraffic traffic, LoadPlan plan, UsageMeter meter, SearchBounds bounds)
{
    /// <summary>Offers a rate in an open loop.</summary>
    public async Task<Trial> OfferAsync(double rate, TrialWindows windows, double? slice, CancellationToken stop)
    {
        var run = plan with
        {
            Rate = RateProfile.Flat(rate),
            Poisson = true,
            Warmup = windows.Settle,
            Duration = windows.Window,
        };
        var (load, usage) = await RunAsync(run, stop);
        return new Trial(rate, load, usage, bounds.Broken(load), Bottleneck.Of(usage, slice));
    }

    /// <summary>Runs a closed loop on this number of connections: an estimate for a search, or a warm-up.</summary>
    public async Task<Trial> SaturateAsync(int connections, TrialWindows windows, double? slice, CancellationToken stop)
    {
        var run = plan with
        {
            Rate = null,
            Connections = connections,
            Warmup = windows.Settle,
            Duration = windows.Window,
        };
        var (load, usage) = await RunAsync(run, stop);
        return new Trial(load.AchievedPerSecond, load, usage, null, Bottleneck.Of(usage, slice));
    }

    private async Task<(LoadReport, Usage)> RunAsync(LoadPlan run, CancellationToken stop)
    {
        traffic.Silos.Begin(Stopwatch.GetTimestamp());
        var loading = LoadRun.RunAsync(run, "capacity", _ => traffic, null, stop);
        await Task.Delay(run.Warmup, stop);
        await meter.StartAsync(stop);
        await Task.Delay(run.Duration, stop);
        var usage = await meter.EndAsync(stop);
        var load = await loading;
        stop.ThrowIfCancellationRequested();
        return (load, usage);
    }
}
