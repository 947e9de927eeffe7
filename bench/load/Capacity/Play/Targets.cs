using System.Globalization;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Capacity.Play;

/// <summary>Compares the figures of a played scenario with their targets.</summary>
internal static class Targets
{
    public static readonly TimeSpan MaxKilledOutage = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxFrozenOutage = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan MaxHealthyOutage = TimeSpan.FromMilliseconds(200);
    public static readonly TimeSpan MaxMovedRefused = TimeSpan.FromMilliseconds(500);
    public static readonly TimeSpan MaxHang = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan MaxShare = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan MaxRecovery = TimeSpan.FromSeconds(10);
    public const double MinGoodput = 0.9;
    public const double MaxAdmittedP99Ms = 200;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static TargetLine Outage(string what, TimeSpan outage, TimeSpan most) =>
        new(
            what,
            Text($"<= {most.TotalSeconds:0.0#} s"),
            outage == TimeSpan.Zero ? "< 0.1 s" : Text($"{outage.TotalSeconds:0.00} s"),
            outage <= most
        );

    public static TargetLine Hang(LoadReport load) =>
        new(
            "longest wait for an answer or an error",
            Text($"<= {MaxHang.TotalSeconds:0} s"),
            Text($"{load.LongestWaitMs / 1000:0.00} s"),
            load.LongestWaitMs <= MaxHang.TotalMilliseconds
        );

    public static TargetLine Errors(LoadReport load) =>
        new(
            "requests failed after three retries",
            "",
            string.Create(
                Culture,
                $"{load.ErrorRate:0.#####} ({load.Failed:N0}; {load.Retries:N0} attempts repeated; "
                    + $"{load.Unsent:N0} unsent)"
            ),
            null
        );

    public static TargetLine Latency(PhaseReport phase) =>
        new(
            $"{phase.Name}: done a second, p50, p99",
            "",
            string.Create(
                Culture,
                $"{phase.DonePerSecond:N0}/s of {phase.OfferedPerSecond:N0}/s, "
                    + $"{phase.LatencyMs.P50:0.0} ms, {phase.LatencyMs.P99:0.0} ms"
            ),
            null
        );

    public static TargetLine Left(TimeSpan? left) =>
        new(
            "the stopped silo has left, from SIGTERM",
            "",
            left is { } time ? Text($"{time.TotalSeconds:0.00} s") : "not in time",
            null
        );

    /// <summary>
    /// Refusals that clients saw from a moment on: attempts refused or broken, and the longest time of one request with
    /// its repeats.
    /// </summary>
    public static IEnumerable<TargetLine> Refused(LoadReport load, double since)
    {
        var after = load.Intervals.Where(each => each.Second > since).ToArray();
        yield return new TargetLine(
            "attempts refused, broken or timed out from then on",
            "",
            Text($"{after.Sum(each => each.Retries):N0} repeated, {after.Sum(each => each.Failed):N0} requests failed"),
            null
        );
        yield return new TargetLine(
            "a request's longest way to its answer, repeats and waits that the grid asked for included",
            "",
            Text($"{load.LatencyMs.Max / 1000:0.00} s"),
            null
        );
        foreach (var phase in load.Phases)
        {
            var seconds = phase.ToSecond - phase.FromSecond;
            yield return new TargetLine(
                $"{phase.Name}: refused attempts, p99 and longest",
                "",
                string.Create(
                    Culture,
                    $"{(phase.RetriesPerSecond + phase.FailedPerSecond) * seconds:N0}, "
                        + $"{phase.LatencyMs.P99:0.0} ms, {phase.LatencyMs.Max:0} ms"
                ),
                null
            );
        }
    }

    /// <summary>Latencies in each step of a change, over the seconds that lie wholly within it.</summary>
    /// <param name="steps">The steps, each from its second to the next one's.</param>
    public static IEnumerable<TargetLine> Steps(LoadReport load, IReadOnlyList<(string Name, double FromSecond)> steps)
    {
        for (var at = 0; at < steps.Count; at++)
        {
            var (name, from) = steps[at];
            var to = at + 1 < steps.Count ? steps[at + 1].FromSecond : double.MaxValue;
            var within = load.Intervals.Where(each => each.Second - 1 >= from && each.Second <= to).ToArray();
            if (within.Length == 0)
                continue;
            var p99 = within.Select(static each => each.P99Ms).Order().ToArray();
            var refused = within.Sum(static each => each.Retries + each.Failed);
            yield return new TargetLine(
                $"{name}: p99 of the median second, of the worst; refused attempts",
                "",
                Text($"{p99[p99.Length / 2]:0.0} ms, {p99[^1]:0.0} ms; {refused:N0} in {within.Length} s"),
                null
            );
        }
    }

    public static TargetLine Share(TimeSpan? taken) =>
        new(
            "the new silo carries its share, from its start",
            Text($"<= {MaxShare.TotalSeconds:0} s"),
            taken is { } time ? Text($"{time.TotalSeconds:0.0} s") : "not reached",
            taken <= MaxShare
        );

    public static IEnumerable<TargetLine> Overload(LoadReport load, double peak)
    {
        foreach (var phase in load.Phases)
            yield return Latency(phase);
        if (load.Phases.FirstOrDefault(phase => phase.Name == "overload") is { } over)
        {
            var goodput = over.DonePerSecond / peak;
            yield return new TargetLine(
                "goodput while ten times the peak is offered",
                Text($">= {MinGoodput:0.00} of the peak"),
                Text($"{goodput:0.00} of {peak:N0}/s"),
                goodput >= MinGoodput
            );
            yield return new TargetLine(
                "p99 of the attempts let in",
                Text($"<= {MaxAdmittedP99Ms:0} ms"),
                Text($"{over.AdmittedMs.P99:0} ms"),
                over.AdmittedMs.P99 <= MaxAdmittedP99Ms
            );
        }
        var normal = Recovery(load, Course.OverloadEnds);
        yield return new TargetLine(
            "back to normal afterwards",
            Text($"<= {MaxRecovery.TotalSeconds:0} s"),
            normal is { } seconds ? Text($"{seconds:0} s") : "not reached",
            normal <= MaxRecovery.TotalSeconds
        );
    }

    /// <summary>
    /// Seconds from the end of the overload to the first second after which all is normal: no attempt fails, and new
    /// requests are answered within 50 ms or twice the earlier p99, whichever is more.
    /// </summary>
    public static double? Recovery(LoadReport load, int overloadEnds)
    {
        var before = load
            .Intervals.Where(each => each.Second is > 1 and <= 5)
            .Select(each => each.AdmittedP99Ms)
            .DefaultIfEmpty(0)
            .Max();
        var bound = Math.Max(50, 2 * before);
        double? since = null;
        foreach (var interval in load.Intervals.Where(each => each.Second > overloadEnds))
        {
            if (interval.AdmittedP99Ms <= bound && interval.Failed == 0)
                since ??= interval.Second;
            else
                since = null;
        }
        return since - overloadEnds;
    }

    private static string Text(FormattableString text) => text.ToString(Culture);
}
