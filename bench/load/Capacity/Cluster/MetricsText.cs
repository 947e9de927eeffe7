using System.Globalization;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>The numbers of a <c>/metrics</c> page: Prometheus text.</summary>
internal sealed class MetricsText
{
    private readonly List<(string Name, string Labels, double Value)> _samples = [];

    private MetricsText()
    {
    }

    public static MetricsText Parse(string text)
    {
        var metrics = new MetricsText();
        foreach (var line in text.Split('\n'))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var space = line.LastIndexOf(' ');
            if (space <= 0 || !double.TryParse(line.AsSpan(space + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                continue;
            var brace = line.IndexOf('{');
            var (name, labels) = brace < 0 ? (line[..space], "") : (line[..brace], line[brace..space]);
            metrics._samples.Add((name, labels, value));
        }
        return metrics;
    }

    public bool Has(string name) => _samples.Exists(sample => sample.Name == name);

    /// <summary>All series of a name together; 0 without one.</summary>
    public double Sum(string name) => _samples.Where(sample => sample.Name == name).Sum(sample => sample.Value);

    /// <summary>The greatest of a name's series; 0 without one.</summary>
    public double Max(string name) => _samples.Where(sample => sample.Name == name).Select(sample => sample.Value).DefaultIfEmpty(0).Max();
}
