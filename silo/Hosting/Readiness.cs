using System.Diagnostics.Metrics;
using Grid.Silo.Stores;

namespace Grid.Silo.Hosting;

/// <summary>What a tier of the process says of itself.</summary>
/// <param name="Tier">gateway, engine, cluster, store: the words of logs and traces.</param>
/// <param name="Trouble">What is wrong, without a word of any person; null when nothing is.</param>
/// <param name="Serves">Whether requests should be sent to the process all the same.</param>
public readonly record struct TierState(string Tier, string? Trouble, bool Serves);

/// <summary>A tier that says how it stands. Asked at each probe: it answers from memory and never waits.</summary>
public interface ITierHealth
{
    /// <summary>How it stands now.</summary>
    TierState State { get; }
}

/// <summary>Whether the process should be sent requests, and how each of its tiers stands.</summary>
public sealed class Readiness
{
    private readonly IHostApplicationLifetime _lifetime;
    private readonly IReadiness[] _needs;
    private readonly ITierHealth[] _tiers;

    /// <summary>Also makes the gauge <c>grid.ready</c>.</summary>
    public Readiness(
        IHostApplicationLifetime lifetime, IEnumerable<IReadiness> needs, IEnumerable<ITierHealth> tiers, IMeterFactory meters)
    {
        _lifetime = lifetime;
        _needs = [.. needs];
        _tiers = [.. tiers];
        meters.Create("Grid.Process").CreateObservableGauge("grid.ready", () => IsReady ? 1 : 0, null, "1 while the process should be sent requests.");
    }

    /// <summary>What <c>/readyz</c> answers with.</summary>
    public bool IsReady => All().All(static state => state.Serves);

    /// <summary>A line for each tier: <c>store: ready</c>, or what is wrong.</summary>
    public string Describe() => string.Concat(All().Select(static state => $"{state.Tier}: {state.Trouble ?? "ready"}\n"));

    /// <summary>Why not, in a line; null when it is ready.</summary>
    public string? Missing() => All().Where(static state => !state.Serves).Select(static state => $"{state.Tier}: {state.Trouble}").FirstOrDefault();

    private IEnumerable<TierState> All()
    {
        var (started, stops) = (_lifetime.ApplicationStarted.IsCancellationRequested, _lifetime.ApplicationStopping.IsCancellationRequested);
        yield return new TierState("process", stops ? "stops" : started ? null : "starts", started && !stops);
        foreach (var need in _needs)
        {
            var missing = need.Missing;
            yield return new TierState(need.Tier, missing, missing is null);
        }
        foreach (var tier in _tiers)
            yield return tier.State;
    }
}

/// <summary>
/// How the store stands. One that stalls or has no room does not make the process unready: displays go on without it, and another
/// process would wait for the same disk or server. A damaged one does: its residents would look unregistered.
/// </summary>
internal sealed class StoreHealth(StoreMetrics metrics) : ITierHealth
{
    public TierState State => metrics switch
    {
        { Damaged: { Count: > 0 } places } => Trouble(places, "damaged (store-damaged); restore the folder from a backup", serves: false),
        { Stalled: { Count: > 0 } places } => Trouble(places, "not answering; scans and results fail, displays go on", serves: true),
        { Full: { Count: > 0 } places } => Trouble(places, "full (store-full); scans and results fail, displays go on", serves: true),
        _ => new TierState("store", null, Serves: true),
    };

    private static TierState Trouble(IEnumerable<string> places, string what, bool serves) =>
        new("store", $"{string.Join(", ", places.Select(Path.GetFileName))}: {what}", serves);
}
