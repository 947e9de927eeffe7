using Microsoft.Extensions.Options;

namespace Grid.Silo.Hosting;

/// <summary>
/// Settings of 0.1, each with what replaces it. Ignored, one of them could leave every silo alone with its own copy of the data.
/// </summary>
public static class FormerSettings
{
    private static readonly (string Key, string Instead)[] Known =
    [
        ("GridEngine", "Microsoft Orleans is the only engine; remove the setting."),
        ("cluster", "Silos no longer share a folder: give them Grid:Cluster:Redis and Grid:Postgres."),
        ("Grid:Cluster:Role", "Use Grid:Role (All, Silo, Gateway or Client)."),
        ("Grid:Redis", "Use Grid:Cluster:Redis."),
        ("Grid:ClusterId", "Use Grid:Cluster:Id."),
        ("Grid:Address", "Use Grid:Cluster:Address."),
        ("Grid:SiloPort", "Use Grid:Cluster:SiloPort."),
        ("Grid:ClientPort", "Use Grid:Cluster:ClientPort."),
        ("Grid:PostgresStore", "Use Grid:Store for rows, WriteTimeout and retention, Grid:Store:Postgres for the others."),
        ("Grid:Store:GroupRowsMax", "Use Grid:Store:MaxGroupRows."),
        ("Grid:Store:QueueRowsMax", "Use Grid:Store:MaxQueueRows."),
        .. Moved("Files", "BusyTimeout", "PageBytes", "CheckpointPages"),
        .. Moved("WriterCacheBytes", "ReaderCacheBytes", "ReadersPerFile"),
        .. Gone("Archive", "ArchivePeriod", "ArchiveDays"),
        ("Grid:Admission", "Use Grid:Overload: LatencyTarget, MaxWait, FreeInFlight, MaxInFlight, MaxWaiting, MaxRetryAfter."),
        ("Grid:DirectoryCacheEntries", "Use Grid:Cluster:DirectoryCacheEntries."),
    ];

    private static IEnumerable<(string, string)> Moved(params string[] names) =>
        names.Select(static name => ($"Grid:Store:{name}", $"Use Grid:Store:Sqlite:{name}."));

    private static IEnumerable<(string, string)> Gone(params string[] names) => names.Select(static name => (
        $"Grid:Store:{name}", "The archive is gone: use PostgreSQL's own, or Litestream (docs/operations.md, Backup)."));

    /// <summary>Stops the start when a configuration has one of them.</summary>
    /// <exception cref="OptionsValidationException">It has; the message says what to set instead.</exception>
    public static void Refuse(IConfiguration configuration)
    {
        string[] found =
        [
            .. Known.Where(each => configuration.GetSection(each.Key).Exists())
                .Select(static each => $"{each.Key} is a setting of 0.1. {each.Instead}"),
        ];
        // The section was a single text once: the Redis server of a gateway.
        if (configuration[GridClusterOptions.Section] is { Length: > 0 })
            found = [.. found, "Grid:Cluster is a section. Use Grid:Cluster:Redis, and Grid:Role=Client for a gateway outside the cluster."];
        if (found.Length > 0)
            throw new OptionsValidationException(GridOptions.Section, typeof(GridOptions), found);
    }
}
