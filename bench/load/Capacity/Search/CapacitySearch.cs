namespace Grid.Bench.Load.Capacity.Search;

/// <summary>Steps, precision and bounds in number of a search.</summary>
internal sealed record SearchPlan(double Step, double Precision, int TrialsMax)
{
    /// <summary>Nothing is known but a guess.</summary>
    public static readonly SearchPlan First = new(1.25, 1.05, 10);

    /// <summary>The rate was found before, in another minute of the machine.</summary>
    public static readonly SearchPlan Again = new(1.08, 1.04, 6);
}

/// <summary>The highest rate found, and everything that was tried on the way.</summary>
/// <param name="Best">The trial at that rate; null when no rate held.</param>
/// <param name="IsBounded">A higher rate broke; without it the capacity is at least the best.</param>
internal sealed record SearchOutcome(Trial? Best, bool IsBounded, IReadOnlyList<Trial> Trials);

/// <summary>Runs a <see cref="RateSearch"/> with real load.</summary>
internal static class CapacitySearch
{
    /// <summary>Cores that others may take before a window counts as disturbed and is repeated.</summary>
    public const double DisturbedCores = 0.25;

    private const int RepeatsMax = 2;

    public static async Task<SearchOutcome> RunAsync(
        double firstGuess, SearchPlan plan, Func<double, Task<Trial>> offer, Action<Trial> tell)
    {
        var search = new RateSearch(firstGuess, plan.Step, plan.Precision, plan.TrialsMax);
        var trials = new List<Trial>();
        var repeats = 0;
        while (search.Next is { } rate)
        {
            var trial = await offer(rate);
            trials.Add(trial);
            tell(trial);
            // A window that others spoilt says nothing of the grid; one that held in spite of them does.
            if (!trial.Holds && trial.Usage.OtherCores > DisturbedCores && repeats++ < RepeatsMax)
                continue;
            search.Told(trial.Holds);
        }
        var best = trials.LastOrDefault(trial => trial.Holds && trial.Rate == search.Best);
        return new SearchOutcome(best, search.IsBounded, trials);
    }
}
