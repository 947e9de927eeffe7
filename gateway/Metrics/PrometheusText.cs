using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Grid.Gateway.Metrics;

/// <summary>
/// Listens to the grid's meters and the runtime's, and writes what they said as Prometheus text. Names are OpenTelemetry
/// names with underscores, units as suffixes. An instrument has a bounded number of series; what comes beyond is dropped.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    private const string GridMeters = "Grid.";
    private const string RuntimeMeter = "System.Runtime";

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, InstrumentSeries> _instruments = new(StringComparer.Ordinal);

    public PrometheusText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsOurs(instrument.Meter.Name))
                listener.EnableMeasurementEvents(instrument, SeriesOf(instrument));
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.Start();
    }

    /// <summary>The text of this moment.</summary>
    internal string Write()
    {
        lock (_gate)
        {
            foreach (var series in _instruments.Values)
                series.BeforeObserving();
            _listener.RecordObservableInstruments();
            var text = new StringBuilder(16 << 10);
            foreach (var series in _instruments.Values)
                series.Write(text);
            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>A number as Prometheus reads it.</summary>
    internal static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static bool IsOurs(string meter) => meter.StartsWith(GridMeters, StringComparison.Ordinal) || meter == RuntimeMeter;

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        => (state as InstrumentSeries)?.Record(value, tags);

    private InstrumentSeries SeriesOf(Instrument instrument)
    {
        lock (_gate)
        {
            var name = InstrumentSeries.NameOf(instrument);
            if (!_instruments.TryGetValue(name, out var series))
                _instruments[name] = series = new InstrumentSeries(name, instrument);
            return series;
        }
    }
}
