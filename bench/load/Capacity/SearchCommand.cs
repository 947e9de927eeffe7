using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Capacity.Reporting;
using Grid.Bench.Load.Capacity.Search;
using Grid.Bench.Load.Capacity.Sizing;
using Grid.Bench.Load.Comparing;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Capacity;

/// <summary>
/// Finds the highest rate of each cluster. All clusters run from the first round to the last and take turns, so that a
/// slow minute of the machine affects all alike.
/// </summary>
internal sealed class SearchCommand(CapacityOptions options, TestSite site, TextWriter? log)
{
    private readonly Calibration _calibration = new(options, site, log);
    private readonly Dictionary<TestedCluster, List<SearchOutcome>> _outcomes = site.Clusters.ToDictionary(
        cluster => cluster,
        _ => new List<SearchOutcome>()
    );

    public async Task<CapacityReport> RunAsync(string command, CancellationToken stop)
    {
        await _calibration.WarmUpAsync(stop);
        await _calibration.HoldAsync(offered: 1, stop);
        for (var round = 0; round < options.Rounds; round++)
        {
            // Each round starts with another cluster, so that none always follows the same one.
            for (var i = 0; i < site.Clusters.Count; i++)
                await SearchAsync(site.Clusters[(i + round) % site.Clusters.Count], round, stop);
        }
        return Report(command, await CheckAsync(stop));
    }

    private async Task SearchAsync(TestedCluster cluster, int round, CancellationToken stop)
    {
        var before = _outcomes[cluster];
        var runner = cluster.Runner();
        var known = before.Select(outcome => outcome.Best?.Rate).OfType<double>().LastOrDefault();
        var guess = known > 0 ? known : await _calibration.GuessAsync(cluster, stop);
        var plan = known > 0 ? SearchPlan.Again : SearchPlan.First;
        log?.WriteLine($"round {round + 1}, {cluster.Name}, from {guess:N0}/s");
        before.Add(
            await CapacitySearch.RunAsync(
                guess,
                plan,
                rate => runner.OfferAsync(rate, options.Windows, cluster.Slice, stop),
                trial => log?.WriteLine($"  {ConsoleText.Line(trial)}")
            )
        );
    }

    private async Task<HistoryVerdict> CheckAsync(CancellationToken stop)
    {
        var verdict = new HistoryVerdict();
        foreach (var cluster in site.Clusters)
        {
            var own = await cluster.CheckAndEndAsync(stop);
            log?.WriteLine($"{cluster.Name}: {ConsoleText.Of(own)}");
            verdict = HistoryVerdict.Add(verdict, own);
        }
        return verdict;
    }

    private CapacityReport Report(string command, HistoryVerdict history)
    {
        var points = site
            .Clusters.Select(cluster => PointOf(cluster, _outcomes[cluster]))
            .OfType<CapacityPoint>()
            .ToArray();
        var slice = site.Clusters.Select(cluster => cluster.HeldTo).OfType<double>().Cast<double?>().FirstOrDefault();
        var measured = points
            .Where(point => point.Silos > 0 && point.Trial.Usage.Of(MemberRole.Silo) > 0)
            .Select(point => point.Measured)
            .ToArray();
        var cores = slice ?? Environment.ProcessorCount;
        var model = measured.Length > 0 ? SizingModel.Fit(measured, cores) : null;
        var largest = measured.MaxBy(point => point.Silos);
        return new CapacityReport
        {
            At = TimeProvider.System.GetUtcNow(),
            Command = command,
            Machine = CompareReport.ThisMachine(),
            Scenario = options.Scenario,
            Mix = options.Mix.ToString(),
            Bounds = options.Bounds,
            Residents = options.Stage.Residents,
            Slice = slice,
            PeriodMs = site.Slices?.Period.TotalMilliseconds,
            WhyNoSlices = site.WhyNoSlices,
            Points = points,
            // Unlimited silos share the machine: more of them have no more cores, so a prediction by cores means
            // nothing.
            Predictions = slice is null ? [] : Prediction.Of(measured, cores),
            Model = model,
            Needs = options.Needs,
            Size =
                model is null || largest is null
                    ? null
                    : CitySize.Of(options.Needs, model, largest.GatewayMicroseconds, largest.RowsPerRequest),
            History = history,
        };
    }

    private static CapacityPoint? PointOf(TestedCluster cluster, List<SearchOutcome> outcomes)
    {
        var bests = outcomes
            .Select(outcome => outcome.Best)
            .OfType<Trial>()
            .OrderBy(trial => trial.Load.AchievedPerSecond)
            .ToArray();
        if (bests.Length == 0)
            return null;
        var broken = outcomes
            .SelectMany(outcome => outcome.Trials)
            .Where(trial => !trial.Holds)
            .GroupBy(trial => trial.Bottleneck)
            .OrderByDescending(group => group.Count())
            .FirstOrDefault()
            ?.Key
            ?? "not reached";
        return new CapacityPoint(
            cluster.Name,
            cluster.Silos,
            [.. outcomes.Select(outcome => outcome.Best?.Load.AchievedPerSecond).OfType<double>()],
            outcomes.All(outcome => outcome.IsBounded),
            bests[bests.Length / 2],
            broken
        );
    }
}
