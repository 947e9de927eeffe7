using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Grid.Silo.Stores;

/// <summary>The store's metrics, meter <c>Grid.Store</c>.</summary>
internal sealed class StoreMetrics
{
    internal const string MeterName = "Grid.Store";

    private readonly Counter<long> _commits;
    private readonly Counter<long> _failures;
    private readonly Histogram<int> _rows;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _reads;
    private readonly Histogram<double> _readDuration;
    private readonly ConcurrentDictionary<string, bool> _stalled = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _damaged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _full = new(StringComparer.Ordinal);
    private Func<IEnumerable<Measurement<int>>>? _queues;

    public StoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _commits = meter.CreateCounter<long>("grid.store.commits", "{commit}", "Transactions committed.");
        _failures = meter.CreateCounter<long>("grid.store.faults", "{fault}", "Writes refused or failed, by code.");
        _rows = meter.CreateHistogram<int>(
            "grid.store.commit.rows",
            "{row}",
            "Rows in one commit.",
            advice: new InstrumentAdvice<int>
            {
                HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
            }
        );
        _duration = meter.CreateHistogram<double>(
            "grid.store.commit.duration",
            "s",
            "Time of one transaction, its rows and its commit.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                [
                    0.0001,
                    0.00025,
                    0.0005,
                    0.001,
                    0.0025,
                    0.005,
                    0.01,
                    0.025,
                    0.05,
                    0.1,
                    0.5,
                    1,
                ],
            }
        );
        _reads = meter.CreateCounter<long>("grid.store.reads", "{row}", "Rows asked for on demand over a connection.");
        _readDuration = meter.CreateHistogram<double>(
            "grid.store.read.duration",
            "s",
            "Time of one group of reads over a connection.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
            }
        );
        meter.CreateObservableGauge(
            "grid.store.queue.length",
            () => _queues?.Invoke() ?? [],
            "{row}",
            "Rows that wait for a file's writer."
        );
        meter.CreateObservableGauge(
            "grid.store.stalled",
            () => _stalled.Count,
            "{place}",
            "Files or lanes that do not answer."
        );
        meter.CreateObservableGauge(
            "grid.store.damaged",
            () => _damaged.Count,
            "{place}",
            "Files in which damage was met."
        );
    }

    /// <summary>The files or lanes that do not answer.</summary>
    internal IReadOnlyCollection<string> Stalled => [.. _stalled.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The files that are damaged.</summary>
    internal IReadOnlyCollection<string> Damaged => [.. _damaged.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The files that had no room at the last write.</summary>
    internal IReadOnlyCollection<string> Full => [.. _full.Keys.Order(StringComparer.Ordinal)];

    internal void Committed(int rows, TimeSpan duration)
    {
        _commits.Add(1);
        _rows.Record(rows);
        _duration.Record(duration.TotalSeconds);
    }

    internal void Read(int rows, TimeSpan duration)
    {
        _reads.Add(rows);
        _readDuration.Record(duration.TotalSeconds);
    }

    internal void Failed(string code, int rows) => _failures.Add(rows, new KeyValuePair<string, object?>("code", code));

    /// <summary>Records whether a file or lane answers.</summary>
    internal void Answers(string place, bool again)
    {
        if (again)
            _stalled.TryRemove(place, out _);
        else
            _stalled[place] = true;
    }

    /// <summary>Records a damaged file, which no restart repairs; true the first time.</summary>
    internal bool FoundDamaged(string place) => _damaged.TryAdd(place, true);

    /// <summary>Records whether a file has room.</summary>
    internal void HasRoom(string place, bool yes)
    {
        if (!yes)
            _full[place] = true;
        else if (!_full.IsEmpty)
            _full.TryRemove(place, out _);
    }

    internal void Watch(Func<IEnumerable<Measurement<int>>> queues) => _queues = queues;
}
