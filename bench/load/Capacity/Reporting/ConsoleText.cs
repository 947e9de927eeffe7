using System.Globalization;
using System.Text;
using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Capacity.Search;
using Grid.Bench.Load.Capacity.Sizing;

namespace Grid.Bench.Load.Capacity.Reporting;

/// <summary>Formats figures for a terminal.</summary>
internal static class ConsoleText
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Formats a trial as one line.</summary>
    public static string Line(Trial trial)
    {
        var (load, usage) = (trial.Load, trial.Usage);
        var silos =
            usage.Count(MemberRole.Silo) == 0
                ? ""
                : string.Create(Culture, $"  silos {usage.Of(MemberRole.Silo):0.00}");
        var bottleneck = trial.Holds ? "" : $" ({trial.Bottleneck})";
        return string.Create(
            Culture,
            $"{trial.Rate, 8:N0}/s  done {load.AchievedPerSecond, 8:N0}/s  "
                + $"p50 {load.LatencyMs.P50, 6:0.0}  p99 {load.LatencyMs.P99, 6:0.0} ms{silos}  "
                + $"gateway {usage.Of(MemberRole.Gateway):0.00}  client {usage.ClientCores:0.00}  "
                + $"others {usage.OtherCores:0.00} cores  {trial.Broken ?? "holds"}{bottleneck}"
        );
    }

    public static string Of(HistoryVerdict verdict)
    {
        var text = new StringBuilder();
        text.Append(Culture, $"{verdict.Scans:N0} scans acknowledged, {verdict.ScansAskedAgain:N0} replayed");
        text.Append(Culture, $" ({verdict.OutcomesChanged:N0} with another outcome)");
        if (verdict.Rows is { } rows)
            text.Append(Culture, $", {rows.Rows:N0} rows ({rows.Missing:N0} missing, {rows.Doubled:N0} twice)");
        text.Append(
            Culture,
            $"; {verdict.Tubes:N0} tubes reported, {verdict.ResidentsAsked:N0} members displayed "
                + $"({verdict.ResultsMissing:N0} without their result, "
                + $"{verdict.StaleDisplays:N0} stale displays during the load)"
        );
        if (verdict.Unanswered > 0)
            text.Append(Culture, $"; {verdict.Unanswered:N0} requests without an answer");
        if (verdict.NotKept > 0)
            text.Append(Culture, $"; {verdict.NotKept:N0} scans were beyond the limit and not checked");
        return text.Append(verdict.IsIntact ? ". Nothing acknowledged is lost." : ". SOMETHING ACKNOWLEDGED IS LOST.")
            .ToString();
    }

    public static string Of(CapacityReport report)
    {
        var text = new StringBuilder("\n");
        text.Append(
            Culture,
            $"{report.Scenario} ({report.Mix}), {report.Residents:N0} residents, "
                + $"p99 <= {report.Bounds.P99.TotalMilliseconds:0} ms, errors <= {report.Bounds.MaxErrorRate:0.####}\n"
        );
        text.Append(SliceLine(report)).Append("\n\n");
        text.Append(
            "| cluster | requests/s | rounds | x | efficiency | p50 ms | p99 ms | silos | gateway | client "
                + "| databases, others | silo us/req | gateway us/req | limited by |\n"
        );
        text.Append("|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n");
        foreach (var point in report.Points)
            text.Append(Row(report, point)).Append('\n');
        AppendPredictions(text, report);
        AppendSize(text, report);
        return text.Append('\n').Append(Of(report.History)).Append("\n\n").ToString();
    }

    public static string SliceLine(CapacityReport report) =>
        report.Slice is { } slice
            ? string.Create(
                Culture,
                $"Each silo was limited to {slice:0.000} of a core in periods of {report.PeriodMs:0} ms; "
                    + $"gateway, client and databases shared the rest of the {report.Machine.Cores} cores."
            )
            : "Slices were not equal: the silos shared the cores with gateway, client and databases "
                + $"({report.WhyNoSlices ?? "no silo was started"}). The rates say nothing about scaling.";

    private static string Row(CapacityReport report, CapacityPoint point)
    {
        var (load, usage) = (point.Trial.Load, point.Trial.Usage);
        var rates = string.Join(", ", point.Rates.Select(rate => rate.ToString("N0", Culture)));
        return string.Create(
            Culture,
            $"| {point.Name} | {(point.IsBounded ? "" : ">= ")}{point.Rate:N0} | {rates} "
                + $"| {report.Speedup(point):0.00} | {report.Efficiency(point):0%} "
                + $"| {load.LatencyMs.P50:0.0} | {load.LatencyMs.P99:0.0} "
                + $"| {usage.Of(MemberRole.Silo):0.00} | {usage.Of(MemberRole.Gateway):0.00} "
                + $"| {usage.ClientCores:0.00} | {usage.OtherCores:0.00} "
                + $"| {point.Trial.MicrosecondsOf(MemberRole.Silo):0.0} "
                + $"| {point.Trial.MicrosecondsOf(MemberRole.Gateway):0.0} | {point.Bottleneck} |"
        );
    }

    private static void AppendPredictions(StringBuilder text, CapacityReport report)
    {
        if (report.Predictions.Count == 0)
            return;
        text.Append("\nPredicted from the smaller clusters by the model of docs/capacity.md:\n");
        foreach (var prediction in report.Predictions)
            text.Append(
                Culture,
                $"  {prediction.Silos} silos from {string.Join(" and ", prediction.From)}: "
                    + $"{prediction.Predicted:N0}/s, measured {prediction.MeasuredRate:N0}/s "
                    + $"({prediction.Error:+0%;-0%;0%})\n"
            );
    }

    private static void AppendSize(StringBuilder text, CapacityReport report)
    {
        if (report is not { Size: not null, Model: not null })
            return;
        text.Append('\n').Append(SizeSentence(report)).Append('\n');
    }

    public static string SizeSentence(CapacityReport report)
    {
        var (needs, size, model) = (report.Needs, report.Size!, report.Model!);
        return string.Create(
            Culture,
            $"For {needs.Residents / 1e6:0.##} M residents at {needs.RequestsPerSecond:N0} requests/s of this mix "
                + $"with {needs.Headroom:0%} headroom: {size.Silos} silos of {needs.SiloCores:0.#} cores "
                + $"(CPU {size.SilosForCpu}, memory {size.SilosForMemory}, one lost {size.SilosForLoss}), "
                + $"{size.Gateways} gateways of {needs.GatewayCores:0.#} cores, "
                + $"{size.Databases} database(s) for {size.RowsPerSecond:N0} rows/s. A request costs the silos "
                + $"{model.BaseMicroseconds:0.0} + {model.RemoteMicroseconds:0.0} x (1 - 1/N) us."
        );
    }
}
