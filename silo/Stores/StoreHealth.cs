using Grid.Hosting.Health;

namespace Grid.Silo.Stores;

/// <summary>
/// Reports the health of the store. A store that stalls or is full leaves the process ready: displays need no store,
/// and another process would wait for the same disk or server. A damaged store makes it unready: residents would look
/// unregistered.
/// </summary>
internal sealed class StoreHealth(StoreMetrics metrics) : ITierHealth
{
    public TierState State =>
        metrics switch
        {
            { Damaged: { Count: > 0 } places } => Trouble(
                places,
                "damaged (store-damaged); restore the folder from a backup",
                serves: false
            ),
            { Stalled: { Count: > 0 } places } => Trouble(
                places,
                "not answering; scans and results fail, displays go on",
                serves: true
            ),
            { Full: { Count: > 0 } places } => Trouble(
                places,
                "full (store-full); scans and results fail, displays go on",
                serves: true
            ),
            _ => new TierState("store", null, Serves: true),
        };

    private static TierState Trouble(IEnumerable<string> places, string what, bool serves) =>
        new("store", $"{string.Join(", ", places.Select(Path.GetFileName))}: {what}", serves);
}
