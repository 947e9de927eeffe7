using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Options;

namespace Grid.Hosting.Settings;

/// <summary>
/// The settings of version 0.1 and their replacements. A host refuses them: if ignored, one of them could leave every
/// silo alone with its own copy of the data.
/// </summary>
public static class FormerSettings
{
    private const string Servers = "Silos no longer share a folder: set Grid:Cluster:Redis and Grid:Postgres.";
    private const string Times = "Orleans' membership detects dead silos; remove the setting.";

    private static readonly (string Key, string Instead)[] Known =
    [
        ("GridEngine", "Microsoft Orleans is the only engine; remove the setting."),
        ("Grid:Cluster:Role", "Use Grid:Role (All, Silo, Gateway or Client)."),
        ("Grid:Cluster:Name", "Members have no names; remove the setting."),
        ("Grid:Cluster:Listen", "Use Grid:Cluster:Address."),
        ("Grid:Cluster:Host", "Use Grid:Cluster:Address."),
        ("Grid:Cluster:Port", "Use Grid:Cluster:SiloPort."),
        ("Grid:Cluster:Lease", Times),
        ("Grid:Cluster:Beat", Times),
        ("Grid:Cluster:LeaseMargin", Times),
        ("Grid:Cluster:WaitMax", "Use Grid:Silo:ResponseTimeout."),
        ("Grid:Cluster:CallTimeout", "Use Grid:Silo:ResponseTimeout."),
        ("Grid:Cluster:WaitingCallsMax", "Remove the setting."),
        ("Grid:Cluster:LeaveTimeout", "Remove the setting."),
        ("Grid:Cluster:StoreOutageMax", "Remove the setting."),
        ("Grid:Cluster:Connections", "Remove the setting."),
        ("Grid:Cluster:Tls:Enabled", "Use Grid:Cluster:Tls:Off=true for connections without TLS."),
        ("Grid:Cluster:Tls:Folder", "Use Grid:Cluster:Tls:Certificate, Key and Authority."),
        ("Grid:Redis", "Use Grid:Cluster:Redis."),
        ("Grid:ClusterId", "Use Grid:Cluster:Id."),
        ("Grid:Address", "Use Grid:Cluster:Address."),
        ("Grid:SiloPort", "Use Grid:Cluster:SiloPort."),
        ("Grid:ClientPort", "Use Grid:Cluster:ClientPort."),
        (
            "Grid:PostgresStore",
            "Use Grid:Store for rows, WriteTimeout and retention, Grid:Store:Postgres for the others."
        ),
        ("Grid:Store:GroupRowsMax", "Use Grid:Store:MaxGroupRows."),
        ("Grid:Store:QueueRowsMax", "Use Grid:Store:MaxQueueRows."),
        .. Moved("Files", "BusyTimeout", "PageBytes", "CheckpointPages"),
        .. Moved("WriterCacheBytes", "ReaderCacheBytes", "ReadersPerFile"),
        .. Gone("Archive", "ArchivePeriod", "ArchiveDays"),
        (
            "Grid:Admission",
            "Use Grid:Overload: LatencyTarget, MaxWait, FreeInFlight, MaxInFlight, MaxWaiting, MaxRetryAfter."
        ),
        ("Grid:DirectoryCacheEntries", "A grain's location is computed; remove the setting."),
    ];

    private static IEnumerable<(string, string)> Moved(params string[] names) =>
        names.Select(static name => ($"Grid:Store:{name}", $"Use Grid:Store:Sqlite:{name}."));

    private static IEnumerable<(string, string)> Gone(params string[] names) =>
        names.Select(static name =>
            (
                $"Grid:Store:{name}",
                "The archive was removed: use PostgreSQL's own, or Litestream (docs/operations.md, Backup)."
            )
        );

    // Refused only on the command line: CLUSTER and PORT are common environment variables with other meanings.
    private static readonly (string Key, string Instead)[] Switches =
    [
        ("cluster", Servers),
        ("port", "Use Grid:Cluster:SiloPort."),
    ];

    /// <summary>Refuses a configuration with a setting of version 0.1.</summary>
    /// <exception cref="OptionsValidationException">There is one; the message names its replacement.</exception>
    public static void Refuse(IConfiguration configuration)
    {
        var asked = Known
            .Where(each => configuration.GetSection(each.Key).Exists())
            .Concat(Switches.Where(each => IsSwitch(configuration, each.Key)));
        string[] found = [.. asked.Select(static each => $"{each.Key} is a setting of 0.1. {each.Instead}")];
        // In 0.1, Grid:Cluster was a single value: the Redis server of a gateway.
        if (configuration[GridClusterOptions.Section] is { Length: > 0 })
        {
            found =
            [
                .. found,
                "Grid:Cluster is a section. Use Grid:Cluster:Redis, and Grid:Role=Client for a gateway outside "
                    + "the cluster.",
            ];
        }
        if (found.Length > 0)
            throw new OptionsValidationException(GridOptions.Section, typeof(GridOptions), found);
    }

    /// <summary>The replacement of a command of version 0.1; null for any other name.</summary>
    public static string? Command(string name) =>
        name == "certificates"
            ? "The command certificates is of 0.1. Make certificates with openssl or cert-manager and name them in "
                + "Grid:Cluster:Tls."
            : null;

    private static bool IsSwitch(IConfiguration configuration, string key) =>
        configuration is IConfigurationRoot root
        && root.Providers.OfType<CommandLineConfigurationProvider>().Any(provider => provider.TryGet(key, out _));
}
