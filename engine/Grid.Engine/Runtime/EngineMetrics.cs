using System.Diagnostics.Metrics;

namespace Grid.Engine.Runtime;

/// <summary>Why a call was refused without being made.</summary>
internal enum RejectionReason
{
    Overloaded,
    ShuttingDown,
    Deadlock,
}

/// <summary>
/// What the engine counts, under the meter "Grid.Engine". The short call path counts its turns in the partition's table and
/// nothing else; all other figures belong to paths that are slow anyway.
/// </summary>
internal sealed class EngineMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Grid.Engine";

    private static readonly KeyValuePair<string, object?>[] s_reasons =
    [
        new("grid.reason", "overloaded"),
        new("grid.reason", "shutting-down"),
        new("grid.reason", "deadlock"),
    ];

    private readonly Meter _meter;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _waits;
    private readonly Counter<long> _timeouts;
    private readonly Counter<long> _rejections;
    private readonly Counter<long> _activated;
    private readonly Counter<long> _collected;

    internal EngineMetrics(IMeterFactory? meters, GrainEngine engine)
    {
        _time = engine.Time;
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _waits = _meter.CreateHistogram<double>(
            "grid.engine.queue.wait", "s", "How long a call waited for its turn.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
            });
        _timeouts = _meter.CreateCounter<long>("grid.engine.timeouts", "{call}", "Calls that were not answered in time.");
        _rejections = _meter.CreateCounter<long>("grid.engine.rejections", "{call}", "Calls that were refused.");
        _activated = _meter.CreateCounter<long>("grid.engine.activations.created", "{activation}", "Activations made.");
        _collected = _meter.CreateCounter<long>("grid.engine.activations.collected", "{activation}", "Activations dropped for idleness or memory.");
        _meter.CreateObservableGauge(
            "grid.engine.activations",
            () => engine.Hosts.Select(static host => new Measurement<long>(host.ActivationCount, host.Tag)),
            "{activation}", "Activations in memory.");
        _meter.CreateObservableGauge("grid.calls.active", () => engine.Clock.Pending, "{call}", "Calls to grains that wait for their turn or their answer now.");
        _meter.CreateObservableCounter(
            "grid.engine.turns",
            () => engine.Hosts.Select(static host => new Measurement<long>(host.TurnCount, host.Tag)),
            "{turn}", "Requests begun.");
    }

    public void Dispose() => _meter.Dispose();

    internal void Waited(long queuedAt)
    {
        if (_waits.Enabled)
        {
            _waits.Record(_time.GetElapsedTime(queuedAt).TotalSeconds);
        }
    }

    internal void TimedOut() => _timeouts.Add(1);

    internal void Rejected(RejectionReason reason) => _rejections.Add(1, s_reasons[(int)reason]);

    internal void Activated(GrainHost host) => _activated.Add(1, host.Tag);

    internal void Collected(GrainHost host, int count) => _collected.Add(count, host.Tag);
}
