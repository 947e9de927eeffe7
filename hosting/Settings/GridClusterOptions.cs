using System.ComponentModel.DataAnnotations;
using System.Net;
using Grid.Hosting.Tls;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Grid.Hosting.Settings;

/// <summary>
/// How a process finds its cluster. Section <c>Grid:Cluster</c>. Without <see cref="Redis"/> the process is alone.
/// </summary>
public sealed class GridClusterOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Cluster";

    /// <summary>
    /// The Redis server that holds the membership, as a StackExchange.Redis connection string. Default: none.
    /// </summary>
    [StringLength(1024)]
    public string? Redis { get; set; }

    /// <summary>The name of the cluster. Members of one name find each other. Default <c>grid</c>.</summary>
    [Required, StringLength(150, MinimumLength = 1)]
    public string Id { get; set; } = "grid";

    /// <summary>
    /// The address or name at which other members reach this one. Default: 127.0.0.1 when Redis is on this machine,
    /// else the first address of the machine.
    /// </summary>
    [StringLength(255)]
    public string? Address { get; set; }

    /// <summary>The port for other members. Default 0: a free one.</summary>
    [Range(0, 65_535)]
    public int SiloPort { get; set; }

    /// <summary>The port for clients (<see cref="GridRole.Client"/>). Default 0: a free one.</summary>
    [Range(0, 65_535)]
    public int ClientPort { get; set; }

    /// <summary>
    /// How long a member answers for its grains after it began a read of the membership. A shorter time lets successors
    /// take over earlier; a longer one bears longer stalls of the process and of Redis. The members of a cluster have
    /// the same. Default 500 ms; 300 ms to 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.300", "00:00:05")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long members answer for their grains while Redis answers none of them. They go on only while each hears from
    /// each other member that it was not declared dead. Default 10 min; at most 1 day; 0 stops with the lease.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan HotDisplaysWithoutRedis { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether members watch each other by idle TCP connections, and declare one dead whose process is gone: its
    /// connection broke and its port refuses a new one twice. Switch it off where a proxy or service mesh refuses
    /// connections for a process that lives; probes then take two seconds longer. Default true.
    /// </summary>
    public bool PeerWatch { get; set; } = true;

    /// <summary>The port of the idle connections by which members watch each other. Default 0: a free one.</summary>
    [Range(0, 65_535)]
    public int WatchPort { get; set; }

    /// <summary>How the connections are secured.</summary>
    [ValidateObjectMembers]
    public ClusterTlsOptions Tls { get; set; } = new();

    /// <summary>
    /// How long a start waits for Redis, for PostgreSQL and, as a client, for a silo. Then the process says which one
    /// is missing and ends with exit code 1. Default 60 s; 0 does not wait.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The section of a configuration, checked. It is needed before there are services.</summary>
    /// <exception cref="OptionsValidationException">A setting is wrong; the message names it.</exception>
    public static GridClusterOptions Of(IConfiguration configuration)
    {
        FormerSettings.Refuse(configuration);
        var options = configuration.GetSection(Section).Get<GridClusterOptions>() ?? new GridClusterOptions();
        var found = new GridClusterOptionsValidator().Validate(null, options);
        if (found.Failed)
            throw new OptionsValidationException(Section, typeof(GridClusterOptions), found.Failures);
        return options;
    }

    /// <summary>The Redis settings. The first connection may come before the server does.</summary>
    public ConfigurationOptions RedisSettings()
    {
        var redis = ConfigurationOptions.Parse(Redis!);
        redis.AbortOnConnectFail = false;
        return redis;
    }

    /// <summary><see cref="Address"/> or its default; null for the first address of the machine.</summary>
    public string? AddressOrDefault() => Address is { Length: > 0 } ? Address
        : RedisSettings().EndPoints.All(IsLoopback) ? IPAddress.Loopback.ToString() : null;

    private static bool IsLoopback(EndPoint endpoint) => endpoint switch
    {
        IPEndPoint ip => IPAddress.IsLoopback(ip.Address),
        DnsEndPoint { Host: "localhost" } => true,
        _ => false,
    };
}

/// <summary>Checks <see cref="GridClusterOptions"/>.</summary>
[OptionsValidator]
internal sealed partial class GridClusterOptionsValidator : IValidateOptions<GridClusterOptions>;
