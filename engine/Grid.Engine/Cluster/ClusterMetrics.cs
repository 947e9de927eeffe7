using System.Diagnostics.Metrics;

namespace Grid.Engine.Cluster;

/// <summary>What a process sees of its cluster, under the meter <c>Grid.Cluster</c>.</summary>
internal sealed class ClusterMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    internal const string MeterName = "Grid.Cluster";

    private readonly Meter _meter;
    private readonly Histogram<double> _handOvers;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="silos">The silos in the newest view; null before there is one.</param>
    /// <param name="leasesLost">Leases that were lost, as <see cref="ClusterNode.LeasesLost"/> counts them.</param>
    /// <param name="units">Units that this process serves.</param>
    /// <param name="waiting">Calls that wait for a silo.</param>
    internal ClusterMetrics(IMeterFactory? meters, Func<int?> silos, Func<long> leasesLost, Func<int> units, Func<int> waiting)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableGauge(
            "grid.cluster.silos",
            () => silos() is { } count ? [new Measurement<int>(count)] : Array.Empty<Measurement<int>>(),
            "{silo}", "Silos in the view of this process.");
        _meter.CreateObservableCounter(
            "grid.cluster.leases.lost", leasesLost, "{lease}", "Leases that ended without being given up, as this silo saw it first.");
        _meter.CreateObservableGauge("grid.cluster.units", units, "{unit}", "Units of partitions that this process serves.");
        _meter.CreateObservableGauge("grid.cluster.calls.waiting", waiting, "{call}", "Calls that wait for a silo that answers for their grain.");
        _handOvers = _meter.CreateHistogram<double>(
            "grid.cluster.handover.duration", "s", "From when a unit that is handed over was no more served to when it was another silo's.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2] });
    }

    public void Dispose() => _meter.Dispose();

    internal void HandedOver(TimeSpan duration) => _handOvers.Record(duration.TotalSeconds);
}
