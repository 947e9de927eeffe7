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

    /// <summary>Redis server of the membership, as a StackExchange.Redis connection string. Default: none.</summary>
    [StringLength(1024)]
    public string? Redis { get; set; }

    /// <summary>Cluster name; members with the same name find each other. Default <c>grid</c>.</summary>
    [Required, StringLength(150, MinimumLength = 1)]
    public string Id { get; set; } = "grid";

    /// <summary>
    /// Address at which other members reach this one. Default: 127.0.0.1 with a local Redis, else the machine's first
    /// address.
    /// </summary>
    [StringLength(255)]
    public string? Address { get; set; }

    /// <summary>Port for other members; 0 picks a free one. Default 0.</summary>
    [Range(0, 65_535)]
    public int SiloPort { get; set; }

    /// <summary>Port for processes of role <see cref="GridRole.Client"/>; 0 picks a free one. Default 0.</summary>
    [Range(0, 65_535)]
    public int ClientPort { get; set; }

    /// <summary>
    /// How long a member answers after it started a read of the membership; equal for all members. Default 500 ms; 300
    /// ms to 5 s.
    /// </summary>
    /// <remarks>
    /// A shorter lease lets successors take over earlier; a longer one survives longer stalls of the process and of
    /// Redis.
    /// </remarks>
    [Range(typeof(TimeSpan), "00:00:00.300", "00:00:05")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long members keep answering while none of them reaches Redis. Default 10 min; 0 to 1 day.</summary>
    /// <remarks>
    /// Each answers only while every other member confirms that it was not declared dead. 0 stops with the lease.
    /// </remarks>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan HotDisplaysWithoutRedis { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Declares a member dead when its process is gone; turn it off behind a service mesh. Default true.
    /// </summary>
    /// <remarks>
    /// Members keep idle TCP connections: one breaks and its port refuses a new one twice. A mesh may refuse
    /// connections for a living process. Without the watch detection takes two seconds longer.
    /// </remarks>
    public bool PeerWatch { get; set; } = true;

    /// <summary>Port of the peer watch; 0 picks a free one. Default 0.</summary>
    [Range(0, 65_535)]
    public int WatchPort { get; set; }

    /// <summary>How the connections are secured.</summary>
    [ValidateObjectMembers]
    public ClusterTlsOptions Tls { get; set; } = new();

    /// <summary>
    /// How long a start waits for Redis, PostgreSQL and, as a client, a silo. Default 60 s; 0 to 1 day.
    /// </summary>
    /// <remarks>Then the process names what is missing and exits with code 1.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Binds and checks the section. Hosts need it before they have services.</summary>
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

    /// <summary>The Redis settings. Tolerates a server that starts after this process.</summary>
    public ConfigurationOptions RedisSettings()
    {
        var redis = ConfigurationOptions.Parse(Redis!);
        redis.AbortOnConnectFail = false;
        return redis;
    }

    /// <summary><see cref="Address"/> or its default; null for the first address of the machine.</summary>
    public string? AddressOrDefault() =>
        Address is { Length: > 0 } ? Address
        : RedisSettings().EndPoints.All(IsLoopback) ? IPAddress.Loopback.ToString()
        : null;

    private static bool IsLoopback(EndPoint endpoint) =>
        endpoint switch
        {
            IPEndPoint ip => IPAddress.IsLoopback(ip.Address),
            DnsEndPoint { Host: "localhost" } => true,
            _ => false,
        };
}

/// <summary>Checks <see cref="GridClusterOptions"/>.</summary>
[OptionsValidator]
internal sealed partial class GridClusterOptionsValidator : IValidateOptions<GridClusterOptions>;
