using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Comparing;

/// <summary>One contender's round: its place is where it ran among the others.</summary>
internal sealed record RoundReport(int Round, string Contender, LoadReport Load, double RatioToCeiling);

/// <summary>Medians of a contender over its rounds.</summary>
internal sealed record ContenderReport(
    string Contender, string Says, double RequestsPerSecond, double UnitsPerSecond, double Ratio, double? ServerCpuMicroseconds,
    double? ClientCpuMicroseconds, double P50Ms, double P99Ms, double WorstErrorRate);

internal sealed record ScenarioReport(
    string Scenario, int Connections, IReadOnlyList<ContenderReport> Contenders, IReadOnlyList<RoundReport> Rounds);

internal sealed record MachineReport(string Processor, int Cores, double MemoryGigabytes, string System, string Runtime);

internal sealed record CompareReport(
    DateTimeOffset At, string Command, string Client, int RoundCount, double SecondsEach, int Residents, MachineReport Machine,
    IReadOnlyList<ScenarioReport> Scenarios)
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

    /// <summary>The median of each figure on its own; the ratio is the median of the ratios within the rounds.</summary>
    public static ContenderReport Summarise(Contender contender, IReadOnlyCollection<RoundReport> rounds) => new(
        contender.Name, contender.Says,
        Median(rounds.Select(r => r.Load.AchievedPerSecond)), Median(rounds.Select(r => r.Load.UnitsPerSecond)),
        Median(rounds.Select(r => r.RatioToCeiling)),
        MedianOrNull(rounds.Select(r => r.Load.ServerCpuMicroseconds)), MedianOrNull(rounds.Select(r => r.Load.ClientCpuMicroseconds)),
        Median(rounds.Select(r => r.Load.LatencyMs.P50)), Median(rounds.Select(r => r.Load.LatencyMs.P99)),
        rounds.Max(r => r.Load.ErrorRate));

    private static double? MedianOrNull(IEnumerable<double?> values)
    {
        var known = values.OfType<double>().ToArray();
        return known.Length == 0 ? null : Median(known);
    }

    public static MachineReport ThisMachine()
    {
        var processor = "unknown";
        if (File.Exists("/proc/cpuinfo"))
        {
            var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
            processor = line?[(line.IndexOf(':') + 1)..].Trim() ?? processor;
        }
        return new MachineReport(
            processor, Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9,
            RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription);
    }

    /// <summary>The report as Markdown, readable as it stands in a terminal too.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append(Culture, $"{At:yyyy-MM-dd HH:mm} UTC, {Machine.Processor}, {Machine.Cores} cores, {Machine.MemoryGigabytes:0} GB, {Machine.System}, {Machine.Runtime}.\n");
        text.Append(Culture, $"Medians of {RoundCount} alternating rounds of {SecondsEach:0} s, {Residents:N0} residents, client: {Client}, on the same machine.\n");
        text.Append(Culture, $"Command: `{Command}`\n");
        foreach (var scenario in Scenarios)
        {
            var hasUnits = scenario.Contenders.Any(c => c.UnitsPerSecond > c.RequestsPerSecond * 1.001);
            text.Append(Culture, $"\n### {scenario.Scenario}, {scenario.Connections} connections\n\n");
            text.Append(Culture, $"| {"contender",-52} | {"requests/s",10} |{(hasUnits ? "    facts/s |" : "")} ratio | server µs/req | client µs/req | p50 ms | p99 ms | errors |\n");
            text.Append(Culture, $"|{new string('-', 54)}|-----------:|{(hasUnits ? "-----------:|" : "")}------:|--------------:|--------------:|-------:|-------:|-------:|\n");
            foreach (var c in scenario.Contenders)
            {
                text.Append(Culture, $"| {c.Contender + ": " + c.Says,-52} | {c.RequestsPerSecond,10:N0} |");
                if (hasUnits)
                    text.Append(Culture, $" {c.UnitsPerSecond,10:N0} |");
                text.Append(Culture, $" {c.Ratio,5:0.00} | {c.ServerCpuMicroseconds,13:0.0} | {c.ClientCpuMicroseconds,13:0.0} | {c.P50Ms,6:0.00} | {c.P99Ms,6:0.00} | {c.WorstErrorRate,6:0.####} |\n");
            }
        }
        return text.ToString();
    }
}
