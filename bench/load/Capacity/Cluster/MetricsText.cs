using System.Globalization;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>Reads the numbers of a <c>/metrics</c> page in Prometheus text format.</summary>
internal sealed class MetricsText
{
    private readonly List<(string Name, string Labels, double Value)> _samples = [];

    private MetricsText() { }

    public static MetricsText Parse(string text)
    {
        var metrics = new MetricsText();
        foreach (var line in text.Split('\n'))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var brace = line.IndexOf('{');
            var end = brace < 0 ? line.IndexOf(' ') : line.LastIndexOf('}') + 1;
            // The value; a timestamp may follow it.
            if (
                end <= 0
                || line[end..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var number, ..]
                || !double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            )
                continue;
            metrics._samples.Add((line[..(brace < 0 ? end : brace)], brace < 0 ? "" : line[brace..end], value));
        }
        return metrics;
    }

    public bool Has(string name) => _samples.Exists(sample => sample.Name == name);

    /// <summary>The sum over all series of a name; 0 without one.</summary>
    public double Sum(string name) => _samples.Where(sample => sample.Name == name).Sum(sample => sample.Value);

    /// <summary>The maximum over all series of a name; 0 without one.</summary>
    public double Max(string name) =>
        _samples.Where(sample => sample.Name == name).Select(sample => sample.Value).DefaultIfEmpty(0).Max();
}
