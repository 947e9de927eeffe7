using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grid.Bench.Load.Driving;

namespace Grid.Bench.Load.Measure;

/// <summary>Formats a report as text, CSV and JSON.</summary>
internal static class ReportText
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string ProgressLine(IntervalReport interval, LoadPlan plan)
    {
        var offered = plan.Rate is null ? "" : string.Create(Culture, $" of {interval.OfferedPerSecond:N0}");
        return string.Create(
            Culture,
            $"{interval.Second, 4:0} s  {interval.DonePerSecond, 9:N0}/s{offered}  p50 {interval.P50Ms:0.00} ms  "
                + $"p99 {interval.P99Ms:0.00} ms  failed {interval.Failed}"
        );
    }

    /// <summary>A run in one line.</summary>
    public static string Line(string name, LoadReport r) =>
        string.Create(
            Culture,
            $"{name, -10} {r.AchievedPerSecond, 9:N0}/s  units {r.UnitsPerSecond, 9:N0}/s  "
                + $"p50 {r.LatencyMs.P50:0.00} p99 {r.LatencyMs.P99:0.00} ms  "
                + $"server {r.ServerCpuMicroseconds:0.0} client {r.ClientCpuMicroseconds:0.0} µs/req  "
                + $"errors {r.ErrorRate:0.####}"
        );

    public static string Summary(LoadReport r)
    {
        var text = new StringBuilder();
        text.Append(
            Culture,
            $"{r.Scenario}, {r.Loop} loop, {r.Connections} connections, {r.Threads} thread(s), "
                + $"{r.Seconds:0.0} s, {r.Url}\n"
        );
        text.Append(Culture, $"  offered  {r.OfferedPerSecond, 12:N0}/s\n  achieved {r.AchievedPerSecond, 12:N0}/s");
        text.Append(
            r.UnitsPerSecond > r.AchievedPerSecond * 1.001
                ? string.Create(Culture, $"   = {r.UnitsPerSecond:N0} facts/s\n")
                : "\n"
        );
        text.Append(
            Culture,
            $"  failed   {r.Failed, 12:N0}   unsent {r.Unsent:N0}   error rate {r.ErrorRate:0.#####}\n"
        );
        foreach (var k in r.Kinds)
        {
            var l = k.LatencyMs;
            text.Append(
                Culture,
                $"  {k.Kind, -10} done {k.Done:N0}  mean {l.Mean:0.000}  p50 {l.P50:0.000}  p90 {l.P90:0.000}  "
                    + $"p99 {l.P99:0.000}  p99.9 {l.P999:0.000}  max {l.Max:0.000} ms"
            );
            if (k.Refused + k.Wrong + k.TimedOut + k.Broken > 0)
                text.Append(
                    Culture,
                    $"  refused {k.Refused:N0}  wrong {k.Wrong:N0}  timed out {k.TimedOut:N0}  broken {k.Broken:N0}"
                );
            text.Append('\n');
        }
        text.Append("  statuses ")
            .AppendJoin(", ", r.Statuses.Select(s => string.Create(Culture, $"{s.Key}: {s.Value:N0}")))
            .Append('\n');
        if (r.ClientCpuMicroseconds is { } client)
            text.Append(Culture, $"  client CPU {client:0.0} µs/request");
        if (r.ServerCpuMicroseconds is { } server)
            text.Append(Culture, $"   server CPU {server:0.0} µs/request");
        return text.Append('\n').ToString();
    }

    public static async Task WriteFilesAsync(LoadReport report, string? csvFile, string? jsonFile)
    {
        if (jsonFile is not null)
            await File.WriteAllTextAsync(jsonFile, JsonSerializer.Serialize(report, Json) + "\n");
        if (csvFile is not null)
            await File.WriteAllTextAsync(csvFile, Csv(report));
    }

    /// <summary>One line for each kind of request, each with the figures of the run.</summary>
    public static string Csv(LoadReport r)
    {
        var text = new StringBuilder(
            "scenario,loop,connections,seconds,offered_per_s,achieved_per_s,units_per_s,unsent,error_rate,"
                + "server_cpu_us,client_cpu_us,kind,done,units,refused,wrong,timed_out,broken,"
                + "mean_ms,p50_ms,p90_ms,p99_ms,p999_ms,max_ms\n"
        );
        foreach (var k in r.Kinds)
        {
            var l = k.LatencyMs;
            text.Append(
                Culture,
                $"{r.Scenario},{r.Loop},{r.Connections},{r.Seconds:0.###},"
                    + $"{r.OfferedPerSecond:0.#},{r.AchievedPerSecond:0.#},"
            );
            text.Append(
                Culture,
                $"{r.UnitsPerSecond:0.#},{r.Unsent},{r.ErrorRate:0.######},"
                    + $"{r.ServerCpuMicroseconds:0.##},{r.ClientCpuMicroseconds:0.##},"
            );
            text.Append(Culture, $"{k.Kind},{k.Done},{k.Units},{k.Refused},{k.Wrong},{k.TimedOut},{k.Broken},");
            text.Append(
                Culture,
                $"{l.Mean:0.####},{l.P50:0.####},{l.P90:0.####},{l.P99:0.####},{l.P999:0.####},{l.Max:0.####}\n"
            );
        }
        return text.ToString();
    }
}
