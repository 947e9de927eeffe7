using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Comparing;

/// <summary>
/// Requests for wrk's script, sent in turn: the text before a new id and the text after it, or one whole text.
/// </summary>
internal sealed record WrkRequests(IEnumerable<(string Before, string After)> Texts, bool HasId);

/// <summary>
/// Drives a contender with wrk, a client that readers already trust. The script is written for the run and rotates over
/// ready-made requests; the ceiling uses it too, so that every contender pays for the script.
/// </summary>
internal sealed partial class WrkClient(string folder)
{
    private const char LineBreak = '\u0001';

    public static string Find() =>
        Processes.Repository.OnPath("wrk") ?? throw new LoadException("wrk is not installed");

    public async Task<LoadReport> RunAsync(LoadPlan plan, string scenario, Contender contender, CancellationToken stop)
    {
        var requests = contender.ForWrk();
        var script = await WriteScriptAsync(contender.Name, requests, stop);
        if (plan.Warmup > TimeSpan.Zero)
            await RunWrkAsync(plan, plan.Warmup, script, stop);
        var before = ProcessCpu.Seconds(contender.Pids);
        var output = await RunWrkAsync(plan, plan.Duration, script, stop);
        var server = ProcessCpu.Seconds(contender.Pids) - before;
        return Report(plan, scenario, output, server);
    }

    private async Task<string> WriteScriptAsync(string name, WrkRequests requests, CancellationToken stop)
    {
        var data = Path.Combine(folder, $"{name}.requests");
        await File.WriteAllLinesAsync(
            data,
            requests.Texts.Select(text => $"{Escape(text.Before)}\t{Escape(text.After)}"),
            stop
        );
        var script = Path.Combine(folder, $"{name}.lua");
        await File.WriteAllTextAsync(script, Script(data, requests.HasId), stop);
        return script;
    }

    private static string Escape(string text) => text.Replace("\r\n", LineBreak.ToString(), StringComparison.Ordinal);

    private static string Script(string data, bool hasId) =>
        $$"""
            local before, after, count, at = {}, {}, 0, 0
            for line in io.lines("{{data}}") do
              local a, b = line:match("^([^\t]*)\t(.*)$")
              count = count + 1
              before[count] = a:gsub("{{LineBreak}}", "\r\n")
              after[count] = b:gsub("{{LineBreak}}", "\r\n")
            end
            math.randomseed(os.time())
            local run, made, threads = math.random(0, 4095), 0, 0
            function setup(thread)
              threads = threads + 1
              thread:set("number", threads)
            end
            local ms = os.time() * 1000
            local high, low = math.floor(ms / 65536), ms % 65536
            local function id()
              made = made + 1
              return string.format("%08x-%04x-7%03x-8%03x-%012x", high, low, run, number, made)
            end
            function request()
              at = at % count + 1
              {{(hasId ? "return before[at] .. id() .. after[at]" : "return before[at]")}}
            end

            """;

    private static async Task<string> RunWrkAsync(
        LoadPlan plan,
        TimeSpan duration,
        string script,
        CancellationToken stop
    )
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(duration.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(
            Find(),
            [
                $"-t{plan.Threads}",
                $"-c{plan.Connections}",
                $"-d{seconds}s",
                "--latency",
                "-s",
                script,
                $"http://{plan.Server}/",
            ]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new LoadException("wrk could not be started");
        var errors = process.StandardError.ReadToEndAsync(stop);
        var output = await process.StandardOutput.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        return process.ExitCode == 0 ? output : throw new LoadException($"wrk failed: {await errors}");
    }

    /// <summary>
    /// Converts wrk's output to a report. wrk counts no unsent requests and has no intended send times: a closed loop.
    /// </summary>
    public static LoadReport Report(LoadPlan plan, string scenario, string output, double serverSeconds)
    {
        var total = TotalLine().Match(output);
        if (!total.Success)
            throw new LoadException($"wrk printed no total: {output}");
        var requests = long.Parse(total.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var seconds = Time(total.Groups[2].Value) / 1000;
        long failed = 0;
        if (NotFine().Match(output) is { Success: true } wrong)
            failed += long.Parse(wrong.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        if (SocketErrors().Match(output) is { Success: true } broken)
            failed += Enumerable
                .Range(1, 4)
                .Sum(i => long.Parse(broken.Groups[i].ValueSpan, CultureInfo.InvariantCulture));
        var at = Percentiles().Matches(output).ToDictionary(m => m.Groups[1].Value, m => Time(m.Groups[2].Value));
        var latency = new LatencyFigures(
            0,
            at.GetValueOrDefault("50"),
            at.GetValueOrDefault("90"),
            at.GetValueOrDefault("99"),
            0,
            0
        );
        var done = Math.Max(0, requests - failed);
        return new LoadReport
        {
            Scenario = scenario,
            Url = $"http://{plan.Server}",
            Loop = "closed",
            Connections = plan.Connections,
            Threads = plan.Threads,
            Seconds = seconds,
            OfferedPerSecond = requests / seconds,
            AchievedPerSecond = done / seconds,
            UnitsPerSecond = done / seconds,
            Unsent = 0,
            Failed = failed,
            ErrorRate = requests == 0 ? 1 : (double)failed / requests,
            LatencyMs = latency,
            Kinds = [],
            Statuses = new Dictionary<int, long>(),
            Connects = plan.Connections,
            ConnectFailures = 0,
            ReceivedMegabytesPerSecond = 0,
            ServerCpuMicroseconds = contenderCpu(),
        };

        double? contenderCpu() => requests == 0 ? null : serverSeconds * 1e6 / requests;
    }

    private static double Time(string text)
    {
        var unit = text.AsSpan().TrimStart("0123456789.");
        var number = double.Parse(text.AsSpan(0, text.Length - unit.Length), CultureInfo.InvariantCulture);
        return number
            * unit switch
            {
                "us" => 0.001,
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                _ => throw new FormatException(text),
            };
    }

    [GeneratedRegex(@"(\d+) requests in ([\d.]+\w+),")]
    private static partial Regex TotalLine();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex NotFine();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex SocketErrors();

    [GeneratedRegex(@"(?m)^\s+(\d+)%\s+([\d.]+\w+)\s*$")]
    private static partial Regex Percentiles();
}
