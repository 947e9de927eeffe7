namespace Grid.Bench.Load.Capacity.Search;

/// <summary>Step, precision and maximum number of trials of a search.</summary>
internal sealed record SearchPlan(double Step, double Precision, int MaxTrials)
{
    /// <summary>Starts from an estimate.</summary>
    public static readonly SearchPlan First = new(1.25, 1.05, 12);

    /// <summary>Starts from a rate that was found in an earlier round.</summary>
    public static readonly SearchPlan Again = new(1.08, 1.04, 8);
}

/// <summary>The highest rate found, and all trials.</summary>
/// <param name="Best">The trial at that rate; null when no rate held.</param>
/// <param name="IsBounded">Whether a higher rate failed; if not, the capacity is at least the best.</param>
internal sealed record SearchOutcome(Trial? Best, bool IsBounded, IReadOnlyList<Trial> Trials);

/// <summary>Runs a <see cref="RateSearch"/> with real load.</summary>
internal static class CapacitySearch
{
    /// <summary>
    /// A rate fails only if this number of windows in a row fail: a single one may be a pause of the machine.
    /// </summary>
    public const int MinBreaks = 2;

    public static async Task<SearchOutcome> RunAsync(
        double firstGuess,
        SearchPlan plan,
        Func<double, Task<Trial>> offer,
        Action<Trial> tell
    )
    {
        var search = new RateSearch(firstGuess, plan.Step, plan.Precision, plan.MaxTrials);
        var trials = new List<Trial>();
        while (search.Next is { } rate)
        {
            var windows = 0;
            Trial trial;
            do
            {
                trial = await offer(rate);
                trials.Add(trial);
                tell(trial);
            } while (!trial.Holds && ++windows < MinBreaks);
            search.Told(trial.Holds);
        }
        var best = trials.LastOrDefault(trial => trial.Holds && trial.Rate == search.Best);
        return new SearchOutcome(best, search.IsBounded, trials);
    }
}
