using System.Globalization;
using System.Text;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.City;

/// <summary>A whole city on one machine.</summary>
/// <param name="MakeSeconds">To make the residents and write them, tubes and venues included; null for a folder that was there.</param>
/// <param name="StoreBytes">The folder on disk.</param>
/// <param name="ReadySeconds">From the gateway's start to its first answer.</param>
/// <param name="LoadSeconds">From its first answer to the last resident in memory.</param>
/// <param name="ResidentBytes">Of the process, when all are in memory: what the system counts as resident.</param>
/// <param name="HeapBytes">Of those, managed and in use, as the runtime tells; 0 when it does not.</param>
/// <param name="WhileLoading">Displays of residents all over the city while it was brought into memory.</param>
/// <param name="Hot">Displays as fast as they are answered, when all are in memory.</param>
internal sealed record CityReport(
    int Residents, double? MakeSeconds, long StoreBytes, double ReadySeconds, double LoadSeconds, long ResidentBytes, long HeapBytes,
    LoadReport WhileLoading, LoadReport Hot)
{
    /// <summary>What 12.95 M residents may take.</summary>
    public const double MemoryTargetBytes = 8e9;

    public const int TargetResidents = 12_950_000;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public string Text()
    {
        var target = MemoryTargetBytes * Residents / TargetResidents;
        var text = new StringBuilder("\n| figure | target | measured |\n|---|---:|---:|\n");
        text.Append(Culture, $"| residents | | {Residents:N0} |\n");
        if (MakeSeconds is { } made)
            text.Append(Culture, $"| made and written | | {made:0} s, {Residents / made:N0} residents/s |\n");
        text.Append(Culture, $"| store on disk | | {StoreBytes / 1e9:0.00} GB, {(double)StoreBytes / Residents:0} B a resident |\n");
        text.Append(Culture, $"| first answer after the start | | {ReadySeconds:0.0} s |\n");
        text.Append(Culture, $"| brought into memory | >= 150,000/s | {LoadSeconds:0.0} s, {Residents / Math.Max(0.1, LoadSeconds):N0} residents/s |\n");
        text.Append(Culture, $"| memory of the process, all hot | <= {target / 1e9:0.00} GB | {ResidentBytes / 1e9:0.00} GB, {(double)ResidentBytes / Residents:0} B a resident |\n");
        if (HeapBytes > 0)
            text.Append(Culture, $"| managed heap in use | | {HeapBytes / 1e9:0.00} GB |\n");
        text.Append(Culture, $"| displays while loading | | {WhileLoading.AchievedPerSecond:N0}/s of {WhileLoading.OfferedPerSecond:N0}/s, p50 {WhileLoading.LatencyMs.P50:0.0} ms, p99 {WhileLoading.LatencyMs.P99:0.0} ms, errors {WhileLoading.ErrorRate:0.#####} |\n");
        text.Append(Culture, $"| displays, all hot | | {Hot.AchievedPerSecond:N0}/s, p50 {Hot.LatencyMs.P50:0.00} ms, p99 {Hot.LatencyMs.P99:0.00} ms, errors {Hot.ErrorRate:0.#####} |\n");
        return text.ToString();
    }
}
