using System.Diagnostics.Metrics;

namespace Grid.Hosting.Health;

/// <summary>Decides whether the process is ready for requests, from the state of each of its tiers.</summary>
public sealed class Readiness
{
    /// <summary>The query parameter of <c>/readyz</c> that adds a line per tier.</summary>
    public const string Verbose = "verbose";

    private readonly IHostApplicationLifetime _lifetime;
    private readonly IReadiness[] _needs;
    private readonly ITierHealth[] _tiers;

    /// <summary>Also creates the gauge <c>grid.ready</c>.</summary>
    public Readiness(
        IHostApplicationLifetime lifetime,
        IEnumerable<IReadiness> needs,
        IEnumerable<ITierHealth> tiers,
        IMeterFactory meters
    )
    {
        _lifetime = lifetime;
        _needs = [.. needs];
        _tiers = [.. tiers];
        meters
            .Create("Grid.Process")
            .CreateObservableGauge(
                "grid.ready",
                () => IsReady ? 1 : 0,
                null,
                "1 while the process is ready for requests."
            );
    }

    /// <summary>Whether <c>/readyz</c> answers 200.</summary>
    public bool IsReady => All().All(static state => state.Serves);

    /// <summary>A line per tier: <c>store: ready</c>, or its problem.</summary>
    public string Describe() =>
        string.Concat(All().Select(static state => $"{state.Tier}: {state.Trouble ?? "ready"}\n"));

    /// <summary>The first tier that is not ready, and its problem; null when all are ready.</summary>
    public string? Missing() =>
        All()
            .Where(static state => !state.Serves)
            .Select(static state => $"{state.Tier}: {state.Trouble}")
            .FirstOrDefault();

    private IEnumerable<TierState> All()
    {
        var (started, stops) = (
            _lifetime.ApplicationStarted.IsCancellationRequested,
            _lifetime.ApplicationStopping.IsCancellationRequested
        );
        yield return new TierState(
            "process",
            stops ? "stops"
                : started ? null
                : "starts",
            started && !stops
        );
        foreach (var need in _needs)
        {
            var missing = need.Missing;
            yield return new TierState(need.Tier, missing, missing is null);
        }
        foreach (var tier in _tiers)
            yield return tier.State;
    }
}
