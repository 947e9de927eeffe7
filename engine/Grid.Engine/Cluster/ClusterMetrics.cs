using System.Diagnostics.Metrics;

namespace Grid.Engine.Cluster;

/// <summary>What a process sees of its cluster, under the meter <c>Grid.Cluster</c>.</summary>
internal sealed class ClusterMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    internal const string MeterName = "Grid.Cluster";

    private readonly Meter _meter;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="silos">The silos in the newest view; null before there is one.</param>
    /// <param name="leasesLost">Leases that were lost, as <see cref="ClusterNode.LeasesLost"/> counts them.</param>
    internal ClusterMetrics(IMeterFactory? meters, Func<int?> silos, Func<long> leasesLost)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableGauge(
            "grid.cluster.silos",
            () => silos() is { } count ? [new Measurement<int>(count)] : Array.Empty<Measurement<int>>(),
            "{silo}", "Silos in the view of this process.");
        _meter.CreateObservableCounter(
            "grid.cluster.leases.lost", leasesLost, "{lease}", "Leases that ended without being given up, as this silo saw it first.");
    }

    public void Dispose() => _meter.Dispose();
}
