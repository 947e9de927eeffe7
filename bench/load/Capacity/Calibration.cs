using System.Globalization;
using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.Capacity.Reporting;
using Grid.Bench.Load.Capacity.Search;
using Grid.Bench.Load.Capacity.Sizing;

namespace Grid.Bench.Load.Capacity;

/// <summary>Warms the clusters up, sizes the silos' CPU slices and estimates where a search starts.</summary>
internal sealed class Calibration(CapacityOptions options, TestSite site, TextWriter? log)
{
    private const int Connections = 64;
    private const int GuessConnections = 96;

    // Below the gateway's lower bound of concurrency: it refuses nothing.
    private const int SizingConnections = 200;

    /// <summary>
    /// The part of the machine that all silos of the largest cluster get together while their slices are sized.
    /// </summary>
    private const double SilosPart = 0.2;

    /// <summary>CPU of the gateway and the client for a refused request. An overload needs room for it.</summary>
    private const double RefusedMicroseconds = 12;

    /// <summary>
    /// The highest peak that is multiplied by ten. Two cores cannot send and refuse more than that, so a higher one
    /// proves nothing.
    /// </summary>
    private const double MaxOverloadPeak = 4_000;

    private const double MinOverloadSlice = 0.08;

    /// <summary>Slice of a gateway that hosts the grains itself; the client gets the rest of the machine.</summary>
    private const double LoneGatewaySlice = 0.2;

    private static readonly TrialWindows Glance = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5));

    /// <summary>
    /// Runs load at full speed until the JIT has optimised the hot paths and the code that serves the metrics.
    /// </summary>
    public async Task WarmUpAsync(CancellationToken stop)
    {
        if (options.WarmUp == TimeSpan.Zero)
            return;
        foreach (var cluster in site.Clusters)
        {
            var windows = new TrialWindows(options.WarmUp * 0.7, options.WarmUp * 0.3);
            var figures = cluster.Meter().WarmUpAsync(options.WarmUp / 2, stop);
            var trial = await cluster.Runner().SaturateAsync(Connections, windows, null, stop);
            await figures;
            log?.WriteLine($"{cluster.Name} is warm: {ConsoleText.Line(trial)}");
        }
    }

    /// <summary>
    /// Saturates the largest cluster on a fifth of the machine and derives the size of the slices from it.
    /// </summary>
    /// <param name="offered">The load to come, as a multiple of the peak; all above 1 will be refused.</param>
    public async Task HoldAsync(double offered, CancellationToken stop)
    {
        if (site.Slices is null)
            return;
        var largest = site.Clusters.MaxBy(cluster => cluster.Silos)!;
        if (largest.Silos == 0 && offered <= 1)
            return;
        var slice = options.Slice ?? (largest.Silos == 0 ? LoneGatewaySlice : await SizeAsync(largest, offered, stop));
        foreach (var cluster in site.Clusters.Where(cluster => cluster.Silos > 0 || offered > 1))
            cluster.Hold(slice);
        log?.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"limited each {(largest.Silos == 0 ? "gateway" : "silo")} to {slice:0.000} of a core, "
                    + $"in periods of {site.Slices.Period.TotalMilliseconds:0} ms"
            )
        );
    }

    private async Task<double> SizeAsync(TestedCluster cluster, double offered, CancellationToken stop)
    {
        // The cost of a request depends on the load: measure it with saturated silos, as in the search.
        cluster.Hold(Math.Max(SliceSize.MinCores, Environment.ProcessorCount * SilosPart / cluster.Silos));
        var part = await cluster.Runner().SaturateAsync(SizingConnections, options.Windows, cluster.Slice, stop);
        log?.WriteLine($"{cluster.Name}, limited to {cluster.Slice:0.000}: {ConsoleText.Line(part)}");
        var slice = SliceSize.Of(
            cluster.Silos,
            part.MicrosecondsOf(MemberRole.Silo),
            part.MicrosecondsOf(MemberRole.Gateway) + part.ClientMicroseconds + (offered - 1) * RefusedMicroseconds,
            part.Usage.OtherCores,
            part.Usage.MachineCores
        );
        return offered <= 1
            ? slice
            : Math.Max(
                MinOverloadSlice,
                Math.Min(slice, MaxOverloadPeak * part.MicrosecondsOf(MemberRole.Silo) / 1e6 / cluster.Silos)
            );
    }

    /// <summary>Estimates the rate that the cluster holds.</summary>
    public async Task<double> GuessAsync(TestedCluster cluster, CancellationToken stop) =>
        Math.Max(
            10,
            (await cluster.Runner().SaturateAsync(GuessConnections, Glance, cluster.Slice, stop)).Load.AchievedPerSecond
                * 0.9
        );
}
