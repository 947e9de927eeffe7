using System.Diagnostics;
using Grid.Bench.Load.Measure;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Driving;

/// <summary>
/// Runs a plan: one thread for each worker, a monitor that reads the counts once a second, and the sum at the end.
/// </summary>
internal sealed class LoadRun
{
    private readonly LoadPlan _plan;
    private readonly Worker[] _workers;
    private readonly WorkerWindow _window;
    private readonly List<IntervalReport> _intervals = [];
    private readonly List<PhaseReport> _phases = [];
    private Exception? _exception;

    private LoadRun(LoadPlan plan, Func<int, IRequestSource> sourceOfWorker, CancellationToken stop)
    {
        if (plan.Threads > plan.Connections)
            throw new CommandLine.LoadException("--threads can't exceed --connections");
        _plan = plan;
        // Creating the sources may take a while: start the clock afterwards.
        var sources = Enumerable.Range(0, plan.Threads).Select(sourceOfWorker).ToArray();
        var now = Stopwatch.GetTimestamp();
        var start = now + Ticks(plan.Warmup);
        _window = new WorkerWindow(now, start, start + Ticks(plan.Duration));
        _workers = [.. sources.Select((source, i) => new Worker(plan, i, source, _window, stop))];
    }

    /// <param name="sourceOfWorker">Creates the source of the worker with that index; called on the caller's
    /// thread.</param>
    /// <param name="progress">Receives a line a second; null for none.</param>
    public static Task<LoadReport> RunAsync(
        LoadPlan plan,
        string scenario,
        Func<int, IRequestSource> sourceOfWorker,
        TextWriter? progress,
        CancellationToken stop
    ) => new LoadRun(plan, sourceOfWorker, stop).RunAsync(scenario, progress);

    private async Task<LoadReport> RunAsync(string scenario, TextWriter? progress)
    {
        var ended = _workers.Select(Launch).ToArray();
        var all = Task.WhenAll(ended);
        await WaitUntilAsync(_window.Start, all);
        var serverBefore = ProcessCpu.Seconds(_plan.ServerPids);
        var clientBefore = Process.GetCurrentProcess().TotalProcessorTime;
        await MonitorAsync(all, progress);
        var client = Process.GetCurrentProcess().TotalProcessorTime - clientBefore;
        var server = ProcessCpu.Seconds(_plan.ServerPids) - serverBefore;
        if (_exception is not null)
            throw new InvalidOperationException($"a worker failed: {_exception.Message}", _exception);
        return Sum(scenario, client.TotalSeconds, server);
    }

    private Task Launch(Worker worker)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                worker.Run();
            }
            catch (Exception e)
            {
                _exception = e;
            }
            ended.SetResult();
        })
        {
            IsBackground = true,
            Name = "load",
        };
        thread.Start();
        return ended.Task;
    }

    private static async Task WaitUntilAsync(long ticks, Task ended)
    {
        var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), ticks);
        if (wait > TimeSpan.Zero)
            await Task.WhenAny(ended, Task.Delay(wait));
    }

    private async Task MonitorAsync(Task ended, TextWriter? progress)
    {
        var before = new Snapshot(_workers);
        var edges = new Dictionary<int, Snapshot> { [0] = before };
        for (var second = 1; !ended.IsCompleted; second++)
        {
            await WaitUntilAsync(_window.Start + Ticks(TimeSpan.FromSeconds(second)), ended);
            if (ended.IsCompleted && second > 1)
                break;
            var now = new Snapshot(_workers);
            var interval = now.Since(before, second, _plan.Rate);
            before = now;
            if (_plan.Phases.Any(phase => phase.FromSecond == second || phase.ToSecond == second))
                edges[second] = now;
            _intervals.Add(interval);
            if (progress is not null)
                await progress.WriteLineAsync(ReportText.ProgressLine(interval, _plan));
            if (_exception is not null)
                break;
        }
        // A phase that ends with the window ends with the last answer.
        var last = new Snapshot(_workers);
        _phases.AddRange(
            _plan
                .Phases.Where(phase => edges.ContainsKey(phase.FromSecond))
                .Select(phase =>
                    edges.GetValueOrDefault(phase.ToSecond, last).Since(edges[phase.FromSecond], phase, _plan.Rate)
                )
        );
    }

    private LoadReport Sum(string scenario, double clientSeconds, double serverSeconds)
    {
        var total = new Tally();
        foreach (var worker in _workers)
            total.Add(worker.Tally);
        var exhausted = _workers.Max(w => w.ExhaustedTicks);
        var end = exhausted == 0 ? _window.End : Math.Min(_window.End, exhausted);
        var seconds = Math.Max(1e-3, Stopwatch.GetElapsedTime(_window.Start, end).TotalSeconds);
        var latency = new LatencyHistogram();
        foreach (var kind in total.Latency)
            latency.Add(kind);
        var done = total.Total(Verdict.Done);
        var failed =
            total.Total(Verdict.Refused)
            + total.Total(Verdict.Wrong)
            + total.Total(Verdict.TimedOut)
            + total.Total(Verdict.Broken);
        var due = done + failed + total.Unsent;
        return new LoadReport
        {
            Scenario = scenario,
            Url = $"http://{_plan.Server}",
            Loop = _plan.Rate is null ? "closed" : "open",
            Connections = _plan.Connections,
            Threads = _plan.Threads,
            Seconds = seconds,
            OfferedPerSecond = (_plan.Rate is null ? total.DoneInWindow + failed : total.Offered) / seconds,
            AchievedPerSecond = total.DoneInWindow / seconds,
            UnitsPerSecond = total.UnitsInWindow / seconds,
            Unsent = total.Unsent,
            Failed = failed,
            // No answer at all is the worst outcome, not the best.
            ErrorRate = due == 0 ? 1 : (double)(failed + total.Unsent) / due,
            Retries = total.Retries,
            LongestWaitMs = total.LongestWait / 1e6,
            AttemptsTimedOut = total.Retried(Verdict.TimedOut) + total.Total(Verdict.TimedOut),
            LatencyMs = LatencyFigures.Of(latency),
            AdmittedMs = LatencyFigures.Of(total.Admitted),
            Kinds = [.. Enum.GetValues<RequestKind>().Select(k => KindOf(total, k)).OfType<KindReport>()],
            Statuses = Enumerable.Range(100, 500).Where(s => total.Status(s) > 0).ToDictionary(s => s, total.Status),
            Connects = total.Connects,
            ConnectFailures = total.ConnectFailures,
            ReceivedMegabytesPerSecond = total.BytesReceived / 1e6 / (seconds + _plan.Warmup.TotalSeconds),
            ClientCpuMicroseconds = done + failed == 0 ? null : clientSeconds * 1e6 / (done + failed),
            ServerCpuMicroseconds =
                _plan.ServerPids.Count == 0 || done + failed == 0 ? null : serverSeconds * 1e6 / (done + failed),
            Intervals = _intervals,
            Phases = _phases,
        };
    }

    private static KindReport? KindOf(Tally total, RequestKind kind)
    {
        var report = new KindReport(
            kind.ToString(),
            total[kind, Verdict.Done],
            total.Units(kind),
            total[kind, Verdict.Refused],
            total[kind, Verdict.Wrong],
            total[kind, Verdict.TimedOut],
            total[kind, Verdict.Broken],
            LatencyFigures.Of(total.Latency[(int)kind])
        );
        return report.Done + report.Refused + report.Wrong + report.TimedOut + report.Broken == 0 ? null : report;
    }

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);
}
