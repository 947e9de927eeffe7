using System.Diagnostics;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Measure;

/// <summary>
/// The workers' counts at a moment. The workers continue meanwhile, so the parts may differ by a few requests.
/// </summary>
internal sealed class Snapshot
{
    private readonly long _ticks = Stopwatch.GetTimestamp();
    private readonly LatencyHistogram _latency = new();
    private readonly LatencyHistogram _admitted = new();
    private readonly long _failed;
    private readonly long _retries;

    public Snapshot(IEnumerable<Worker> workers)
    {
        var copy = new LatencyHistogram();
        foreach (var tally in workers.Select(w => w.Tally))
        {
            foreach (var kind in tally.Latency)
            {
                kind.CopyTo(copy);
                _latency.Add(copy);
            }
            tally.Admitted.CopyTo(copy);
            _admitted.Add(copy);
            _failed +=
                tally.Total(Verdict.Refused)
                + tally.Total(Verdict.Wrong)
                + tally.Total(Verdict.TimedOut)
                + tally.Total(Verdict.Broken)
                + tally.Unsent;
            _retries += tally.Retries;
        }
    }

    public IntervalReport Since(Snapshot before, int second, RateProfile? rate)
    {
        var latency = _latency.Since(before._latency);
        var done = latency.Count / SecondsSince(before);
        return new IntervalReport(
            second,
            rate?.Between(second - 1, second) ?? done,
            done,
            _failed - before._failed,
            latency.Percentile(0.5) / 1e6,
            latency.Percentile(0.99) / 1e6,
            _admitted.Since(before._admitted).Percentile(0.99) / 1e6,
            _retries - before._retries
        );
    }

    public PhaseReport Since(Snapshot before, LoadPhase phase, RateProfile? rate)
    {
        var seconds = SecondsSince(before);
        var latency = _latency.Since(before._latency);
        var done = latency.Count / seconds;
        return new PhaseReport(
            phase.Name,
            phase.FromSecond,
            phase.ToSecond,
            rate is null ? done : rate.Between(phase.FromSecond, phase.ToSecond) / (phase.ToSecond - phase.FromSecond),
            done,
            (_failed - before._failed) / seconds,
            (_retries - before._retries) / seconds,
            LatencyFigures.Of(latency),
            LatencyFigures.Of(_admitted.Since(before._admitted))
        );
    }

    private double SecondsSince(Snapshot before) =>
        Math.Max(1e-3, Stopwatch.GetElapsedTime(before._ticks, _ticks).TotalSeconds);
}
