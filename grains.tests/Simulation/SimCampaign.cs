using System.Globalization;

namespace Grid.Tests.Simulation;

/// <summary>Runs many seeds, one thread per processor, and reports the seeds that broke a rule.</summary>
internal sealed class SimCampaign(SimSetup setup, int maxFailures = 5)
{
    private const int LinesShown = 60;

    private readonly List<SimReport> _reports = [];
    private readonly Lock _lock = new();
    private ulong _next;
    private ulong _end;

    /// <summary>The number of seeds that were run.</summary>
    internal IReadOnlyList<SimReport> Reports => _reports;

    /// <summary>The seeds that broke a rule.</summary>
    internal IEnumerable<SimReport> Failures =>
        _reports.Where(static report => report.Faults.Count > 0).OrderBy(static report => report.Seed);

    /// <summary>Seeds per second of the last run.</summary>
    internal double Pace { get; private set; }

    /// <summary>The single seed to run (<c>GRID_SIM_SEED</c>).</summary>
    internal static ulong? TheSeed => Read("GRID_SIM_SEED");

    /// <summary>
    /// The number of seeds to run: <c>GRID_SIM_SEEDS</c>, else that of the full campaign (<c>GRID_CAMPAIGN=full</c>),
    /// else a number for a plain test run.
    /// </summary>
    internal static int Seeds(int plain, int full) =>
        (int?)Read("GRID_SIM_SEEDS") ?? (Environment.GetEnvironmentVariable("GRID_CAMPAIGN") == "full" ? full : plain);

    /// <summary>Runs seeds in order from the first, until a few have failed.</summary>
    internal void Run(ulong first, int count)
    {
        (_next, _end) = (first, first + (ulong)count);
        var startedAt = TimeProvider.System.GetTimestamp();
        // Dedicated threads: a world is bound to its thread and must not use the thread pool.
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        Pace = _reports.Count / TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds;
    }

    /// <summary>The report of a seed that broke a rule: how to repeat it, and its last events.</summary>
    internal string Tell(SimReport failure)
    {
        var again = SimRun.Run(failure.Seed, setup, isWritten: true);
        var file = Path.Combine(Path.GetTempPath(), $"grid-simulation-{failure.Seed}.log");
        File.WriteAllLines(file, again.Log);
        var same =
            again.Hash == failure.Hash
                ? ""
                : " (it did not happen the same way again: something is not in the seed's hands)";
        return string.Join(
            Environment.NewLine,
            [
                $"Seed {failure.Seed} broke a rule{same}. "
                    + $"Run it alone with GRID_SIM_SEED={failure.Seed}; its log is {file}.",
                .. failure.Faults,
                "The last that happened:",
                .. again.Log.TakeLast(LinesShown),
            ]
        );
    }

    private static ulong? Read(string variable) =>
        ulong.TryParse(
            Environment.GetEnvironmentVariable(variable),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var value
        )
            ? value
            : null;

    private void Work()
    {
        while (Take() is { } seed)
        {
            var report = SimRun.Run(seed, setup);
            lock (_lock)
                _reports.Add(report);
        }
    }

    private ulong? Take()
    {
        lock (_lock)
            return _next < _end && Failures.Count() < maxFailures ? _next++ : null;
    }
}
