using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace Grid.Silo.Telemetry;

/// <summary>
/// Writes metrics in the text format of Prometheus (0.0.4), or of OpenMetrics (1.0.0), which has exemplars: the trace of a
/// request beside the bucket that it fell into.
/// </summary>
internal sealed class PrometheusText(bool openMetrics)
{
    internal const string PlainType = "text/plain; version=0.0.4; charset=utf-8";
    internal const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly StringBuilder _text = new(16 << 10);
    private readonly StringBuilder _labels = new();

    /// <summary>Writes what a metric says now. Families have to come in the order of their names.</summary>
    internal void Write(string family, Metric metric)
    {
        Head(family, metric);
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var labels = Labels(point.Tags);
            if (metric.MetricType.IsHistogram())
                WriteHistogram(family, labels, point);
            else
                WriteNumber(family, labels, metric.MetricType, PrometheusNames.IsCounter(metric.Name, metric.MetricType), point);
        }
    }

    /// <summary>Writes a gauge of 1 whose labels say something about the process.</summary>
    internal void WriteInfo(string family, string help, IEnumerable<KeyValuePair<string, object>> labels)
    {
        // OpenMetrics knows such a gauge by a type of its own, and names it without the suffix.
        var name = openMetrics ? family[..^"_info".Length] : family;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(openMetrics ? " info\n" : " gauge\n");
        _labels.Clear();
        foreach (var (label, value) in labels.OrderBy(each => each.Key, StringComparer.Ordinal))
            AddLabel(label, value);
        Line(family, "", _labels.ToString(), 1);
        _text.Append('\n');
    }

    /// <summary>All that was written.</summary>
    internal string End() => openMetrics ? _text.Append("# EOF\n").ToString() : _text.ToString();

    /// <summary>A number as Prometheus reads it.</summary>
    internal static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private void Head(string family, Metric metric)
    {
        var type = metric.MetricType;
        var counter = PrometheusNames.IsCounter(metric.Name, type);
        var named = counter && !openMetrics ? $"{family}_total" : family;
        var kind = type.IsHistogram() ? "histogram" : counter ? "counter" : "gauge";
        var help = metric.Description is { Length: > 0 } description ? description : metric.Name;
        _text.Append("# HELP ").Append(named).Append(' ').Append(Escape(help, quotes: openMetrics)).Append('\n');
        _text.Append("# TYPE ").Append(named).Append(' ').Append(kind).Append('\n');
        if (openMetrics && PrometheusNames.UnitOf(metric.Unit, type) is { } unit && family.EndsWith($"_{unit}", StringComparison.Ordinal))
            _text.Append("# UNIT ").Append(named).Append(' ').Append(unit).Append('\n');
    }

    private void WriteNumber(string family, string labels, MetricType type, bool counter, in MetricPoint point)
    {
        var value = type switch
        {
            MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
            MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
            MetricType.LongGauge => point.GetGaugeLastValueLong(),
            _ => point.GetGaugeLastValueDouble(),
        };
        Line(family, counter ? "_total" : "", labels, value);
        if (openMetrics && counter && point.TryGetExemplars(out var exemplars))
        {
            foreach (ref readonly var exemplar in exemplars)
            {
                WriteExemplar(exemplar, type.IsDouble() ? exemplar.DoubleValue : exemplar.LongValue);
                break;
            }
        }
        _text.Append('\n');
    }

    private void WriteHistogram(string family, string labels, in MetricPoint point)
    {
        var examples = openMetrics ? ExemplarsOf(point) : [];
        long below = 0;
        var from = double.NegativeInfinity;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            var bound = $"le=\"{Number(bucket.ExplicitBound)}\"";
            Line(family, "_bucket", labels.Length == 0 ? bound : $"{labels},{bound}", below);
            foreach (var exemplar in examples)
            {
                if (exemplar.DoubleValue > from && exemplar.DoubleValue <= bucket.ExplicitBound)
                {
                    WriteExemplar(exemplar, exemplar.DoubleValue);
                    break;
                }
            }
            _text.Append('\n');
            from = bucket.ExplicitBound;
        }
        Line(family, "_sum", labels, point.GetHistogramSum());
        _text.Append('\n');
        // What the buckets say: a measurement that comes in meanwhile must not make the two differ.
        Line(family, "_count", labels, below);
        _text.Append('\n');
    }

    private static List<Exemplar> ExemplarsOf(in MetricPoint point)
    {
        var found = new List<Exemplar>();
        if (point.TryGetExemplars(out var exemplars))
        {
            foreach (ref readonly var exemplar in exemplars)
                found.Add(exemplar);
        }
        return found;
    }

    private void WriteExemplar(in Exemplar exemplar, double value)
    {
        _text.Append(" # {");
        if (exemplar.TraceId != default)
            _text.Append("trace_id=\"").Append(exemplar.TraceId.ToHexString()).Append("\",span_id=\"").Append(exemplar.SpanId.ToHexString()).Append('"');
        _text.Append("} ").Append(Number(value)).Append(' ')
            .Append(Number(exemplar.Timestamp.ToUnixTimeMilliseconds() / 1000.0));
    }

    private void Line(string family, string suffix, string labels, double value)
    {
        _text.Append(family).Append(suffix);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(Number(value));
    }

    private string Labels(OpenTelemetry.ReadOnlyTagCollection tags)
    {
        _labels.Clear();
        foreach (var (label, value) in tags)
            AddLabel(label, value);
        return _labels.ToString();
    }

    private void AddLabel(string label, object? value)
    {
        if (_labels.Length > 0)
            _labels.Append(',');
        _labels.Append(PrometheusNames.Label(label)).Append("=\"")
            .Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quotes: true)).Append('"');
    }

    private static string Escape(string text, bool quotes)
    {
        text = text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }
}
