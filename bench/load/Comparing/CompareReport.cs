using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Comparing;

/// <summary>One contender's round.</summary>
internal sealed record RoundReport(int Round, string Contender, LoadReport Load);

/// <summary>Medians of a contender over its rounds.</summary>
/// <param name="Ratio">To the ceiling: the median of the ratios within the rounds; null if the ceiling did not
/// run.</param>
internal sealed record ContenderReport(
    string Contender,
    double RequestsPerSecond,
    double UnitsPerSecond,
    double? Ratio,
    double? ServerCpuMicroseconds,
    double? ClientCpuMicroseconds,
    double P50Ms,
    double P99Ms,
    double WorstErrorRate
)
{
    public static ContenderReport Of(string name, IReadOnlyCollection<RoundReport> all)
    {
        var loads = all.Where(round => round.Contender == name).Select(round => round.Load).ToArray();
        var ratios = all.Where(round => round.Contender == name)
            .SelectMany(round =>
                all.Where(other => other.Round == round.Round && other.Contender == Comparing.Contender.Ceiling)
                    .Select(other => (double?)(round.Load.AchievedPerSecond / other.Load.AchievedPerSecond))
            );
        return new ContenderReport(
            name,
            Middle(load => load.AchievedPerSecond),
            Middle(load => load.UnitsPerSecond),
            CompareReport.MedianOrNull(ratios),
            CompareReport.MedianOrNull(loads.Select(load => load.ServerCpuMicroseconds)),
            CompareReport.MedianOrNull(loads.Select(load => load.ClientCpuMicroseconds)),
            Middle(load => load.LatencyMs.P50),
            Middle(load => load.LatencyMs.P99),
            loads.Max(load => load.ErrorRate)
        );

        double Middle(Func<LoadReport, double> figure) => CompareReport.Median(loads.Select(figure));
    }
}

internal sealed record ScenarioReport(
    string Scenario,
    int Connections,
    IReadOnlyList<ContenderReport> Contenders,
    IReadOnlyList<RoundReport> Rounds
);

internal sealed record MachineReport(
    string Processor,
    int Cores,
    double MemoryGigabytes,
    string System,
    string Runtime
);

internal sealed record CompareReport(
    DateTimeOffset At,
    string Command,
    string Client,
    int RoundCount,
    double SecondsEach,
    int Residents,
    MachineReport Machine,
    IReadOnlyList<ScenarioReport> Scenarios
)
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            return 0;
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public static double? MedianOrNull(IEnumerable<double?> values)
    {
        var known = values.OfType<double>().ToArray();
        return known.Length == 0 ? null : Median(known);
    }

    public static MachineReport ThisMachine()
    {
        var processor = "unknown";
        if (File.Exists("/proc/cpuinfo"))
        {
            var line = File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
            processor = line?[(line.IndexOf(':') + 1)..].Trim() ?? processor;
        }
        return new MachineReport(
            processor,
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9,
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription
        );
    }

    /// <summary>The report as Markdown, readable in a terminal too.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append(
            Culture,
            $"{At:yyyy-MM-dd HH:mm} UTC, {Machine.Processor}, {Machine.Cores} cores, {Machine.MemoryGigabytes:0} GB, "
                + $"{Machine.System}, {Machine.Runtime}.\n"
        );
        text.Append(
            Culture,
            $"Medians of {RoundCount} alternating rounds of {SecondsEach:0} s, {Residents:N0} residents, "
                + $"client: {Client}.\n"
        );
        text.Append(Culture, $"Client, servers and databases share the cores. Command: `{Command}`\n\n");
        text.Append(Goal.Table(Scenarios));
        foreach (var scenario in Scenarios)
        {
            var hasUnits = scenario.Contenders.Any(c => c.UnitsPerSecond > c.RequestsPerSecond * 1.001);
            var name = 2 + scenario.Contenders.Max(c => Name(c).Length);
            text.Append(Culture, $"\n### {scenario.Scenario}, {scenario.Connections} connections\n\n");
            text.Append(
                Culture,
                $"| {"contender".PadRight(name)} | {"requests/s", 10} |{(hasUnits ? "    facts/s |" : "")} "
            );
            text.Append("ratio | server µs/req | client µs/req | p50 ms | p99 ms | errors |\n");
            text.Append(Culture, $"|{new string('-', name + 2)}|-----------:|{(hasUnits ? "-----------:|" : "")}");
            text.Append("------:|--------------:|--------------:|-------:|-------:|-------:|\n");
            foreach (var c in scenario.Contenders)
            {
                text.Append(Culture, $"| {Name(c).PadRight(name)} | {c.RequestsPerSecond, 10:N0} |");
                if (hasUnits)
                    text.Append(Culture, $" {c.UnitsPerSecond, 10:N0} |");
                text.Append(
                    Culture,
                    $" {c.Ratio, 5:0.00} | {c.ServerCpuMicroseconds, 13:0.0} | {c.ClientCpuMicroseconds, 13:0.0} "
                );
                text.Append(Culture, $"| {c.P50Ms, 6:0.00} | {c.P99Ms, 6:0.00} | {c.WorstErrorRate, 6:0.####} |\n");
            }
        }
        return text.ToString();
    }

    private static string Name(ContenderReport contender) =>
        $"{contender.Contender}: {Contender.All[contender.Contender]}";
}
