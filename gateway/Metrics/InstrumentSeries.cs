using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Grid.Gateway.Metrics;

/// <summary>What one instrument has measured, by its tags.</summary>
internal sealed class InstrumentSeries(string name, Instrument instrument)
{
    /// <summary>Series of one instrument at the most: tags are few-valued by rule, and this holds the rule.</summary>
    internal const int SeriesMax = 256;

    private const string CountSuffix = "_count";

    private static readonly double[] DefaultBounds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private enum Kind
    {
        Counter,
        Gauge,
        Histogram,
    }

    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly Kind _kind = KindOf(instrument);
    private readonly bool _observed = instrument.IsObservable;
    private readonly double[] _bounds = BoundsOf(instrument);
    private readonly string _help = instrument.Description ?? instrument.Name;

    /// <summary>The Prometheus name: <c>grid.store.commit</c> in <c>s</c>, a histogram, is <c>grid_store_commit_seconds</c>.</summary>
    internal static string NameOf(Instrument instrument)
    {
        var name = new StringBuilder(instrument.Name.Length + 16);
        foreach (var c in instrument.Name)
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "1" when KindOf(instrument) == Kind.Gauge => "_ratio",
            _ => "",
        };
        if (!name.ToString().EndsWith(unit, StringComparison.Ordinal))
            name.Append(unit);
        if (KindOf(instrument) == Kind.Counter)
            name.Append("_total");
        var text = name.ToString();
        // In Prometheus a name that ends in _count belongs to a histogram.
        return KindOf(instrument) == Kind.Gauge && text.EndsWith(CountSuffix, StringComparison.Ordinal)
            ? $"{text[..^CountSuffix.Length]}_current"
            : text;
    }

    /// <summary>Observed instruments say their whole value each time: what is no longer said is gone.</summary>
    internal void BeforeObserving()
    {
        if (_observed)
            _series.Clear();
    }

    internal void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = Labels(tags);
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= SeriesMax)
                return;
            series = _series.GetOrAdd(key, static (_, bounds) => new Series(bounds), _bounds);
        }
        lock (series)
        {
            if (_kind == Kind.Histogram)
                series.Observe(value, _bounds);
            else if (_observed || instrument is Gauge<long> or Gauge<int> or Gauge<double>)
                series.Sum = value;
            else
                series.Sum += value;
        }
    }

    internal void Write(StringBuilder text)
    {
        if (_series.IsEmpty)
            return;
        var type = _kind switch { Kind.Counter => "counter", Kind.Gauge => "gauge", _ => "histogram" };
        text.Append("# HELP ").Append(name).Append(' ').Append(_help.Replace("\\", @"\\").Replace("\n", @"\n")).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        foreach (var (labels, series) in _series.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            lock (series)
            {
                if (_kind == Kind.Histogram)
                    WriteHistogram(text, labels, series);
                else
                    Line(text, "", labels, series.Sum);
            }
        }
    }

    private void WriteHistogram(StringBuilder text, string labels, Series series)
    {
        long below = 0;
        for (var i = 0; i <= _bounds.Length; i++)
        {
            below += series.Buckets[i];
            var bound = $"le=\"{PrometheusText.Number(i < _bounds.Length ? _bounds[i] : double.PositiveInfinity)}\"";
            Line(text, "_bucket", labels.Length == 0 ? bound : $"{labels},{bound}", below);
        }
        Line(text, "_sum", labels, series.Sum);
        Line(text, "_count", labels, below);
    }

    private void Line(StringBuilder text, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(PrometheusText.Number(value)).Append('\n');
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if (text.Length > 0)
                text.Append(',');
            foreach (var c in key)
                text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
            text.Append("=\"").Append((value?.ToString() ?? "").Replace("\\", @"\\").Replace("\"", "\\\"").Replace("\n", @"\n")).Append('"');
        }
        return text.ToString();
    }

    private static Kind KindOf(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        if (type.StartsWith("Histogram", StringComparison.Ordinal))
            return Kind.Histogram;
        return type.StartsWith("Counter", StringComparison.Ordinal) || type.StartsWith("ObservableCounter", StringComparison.Ordinal) ? Kind.Counter : Kind.Gauge;
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => DefaultBounds,
    };

    private sealed class Series(double[] bounds)
    {
        internal readonly long[] Buckets = new long[bounds.Length + 1];
        internal double Sum;

        internal void Observe(double value, double[] upTo)
        {
            var at = Array.BinarySearch(upTo, value);
            Buckets[at >= 0 ? at : ~at]++;
            Sum += value;
        }
    }
}
