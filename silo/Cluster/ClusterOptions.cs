using System.ComponentModel.DataAnnotations;
using System.Net;
using Grid.Silo.Hosting;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Cluster;

/// <summary>What a process is to its cluster.</summary>
public enum ClusterRole
{
    /// <summary>It stands alone: all grains are in it.</summary>
    Alone,

    /// <summary>A gateway without grains: it calls those of the silos.</summary>
    Client,

    /// <summary>A silo that joins; a gateway may be one too.</summary>
    Silo,
}

/// <summary>
/// How a process takes part in a cluster of the embedded engine. Section <c>Grid:Cluster</c>. The silos and gateways of one
/// cluster share what <c>Grid:Data</c> names or, with <c>Grid:Postgres</c>, a database.
/// </summary>
public sealed class ClusterOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Cluster";

    /// <summary>Files of a store that a cluster makes, unless <c>Grid:Store:Files</c> says otherwise: what a silo owns is a file.</summary>
    public const int FilesDefault = 16;

    /// <summary>What the process is to its cluster. Default: it stands alone.</summary>
    public ClusterRole Role { get; set; }

    /// <summary>
    /// The silo's name: unique in the cluster, and the same when the silo is started again. 1 to 64 of a–z, 0–9, dot and
    /// dash. None, the default: its host and port.
    /// </summary>
    [RegularExpression("[a-z0-9][a-z0-9.-]{0,63}", ErrorMessage = "Grid:Cluster:Name has 1 to 64 of a-z, 0-9, dot and dash.")]
    public string? Name { get; set; }

    /// <summary>The port that the silo listens on for other silos and for gateways; 0, the default, takes a free one.</summary>
    [Range(0, 65_535)]
    public int Port { get; set; }

    /// <summary>The IP address that the silo listens on. Default 127.0.0.1: all on one machine.</summary>
    [Required]
    public string Listen { get; set; } = "127.0.0.1";

    /// <summary>The name or address at which other processes reach the silo. None, the default: <see cref="Listen"/>.</summary>
    [StringLength(253)]
    public string? Host { get; set; }

    /// <summary>
    /// How long a silo whose beat has stopped is held to live. The same in all processes of the cluster. Default 750 ms;
    /// 300 ms to 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.300", "00:01:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMilliseconds(750);

    /// <summary>How often a silo renews its lease, and a gateway looks at the view. Default 150 ms; at most a third of the lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:00:20")]
    public TimeSpan Beat { get; set; } = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// How much before the end of its lease a silo stops answering of itself: more than the clocks of two machines drift apart in one
    /// lease. Default 100 ms; less than half of the lease.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:20")]
    public TimeSpan LeaseMargin { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a call may take before its caller hears that the outcome is unknown, where that is less than
    /// <c>Grid:Silo:ResponseTimeout</c>. Default 1.8 s; 0.2 s to 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.200", "00:01:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(1.8);

    /// <summary>
    /// How long a call waits for a grain that no living silo owns before it is refused, nothing having been done. Default 1.5 s;
    /// less than <see cref="CallTimeout"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Calls of this process that wait for a silo at the same time; more are refused. Default 20,000.</summary>
    [Range(1, 1_000_000)]
    public int WaitingCallsMax { get; set; } = 20_000;

    /// <summary>How long a silo that is stopped may hand its grains over. Default 15 s; 0 to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan LeaveTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long displays of residents in memory go on while no silo reaches the store of the membership, by the silos' promises to each
    /// other; the same in all processes of the cluster. Default 10 min; 0 (every lease ends) to 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan StoreOutageMax { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Connections to each silo. Default: one for every four processors; 1 to 16.</summary>
    [Range(1, 16)]
    public int Connections { get; set; } = Math.Clamp(Environment.ProcessorCount / 4, 1, 16);

    /// <summary>How the connections between silos and gateways are secured.</summary>
    [ValidateObjectMembers]
    public ClusterTlsOptions Tls { get; set; } = new();

    /// <summary>The settings of a configuration. They are needed before there are services.</summary>
    /// <exception cref="OptionsValidationException">One of them can't be.</exception>
    public static ClusterOptions Of(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<ClusterOptions>() ?? new ClusterOptions();
        var found = new ClusterOptionsValidator().Validate(null, options);
        return found.Failed ? throw new OptionsValidationException(Section, typeof(ClusterOptions), found.Failures) : options;
    }

    /// <summary>The folder of the membership in a data folder.</summary>
    internal static string FolderOf(IConfiguration configuration) => Path.Combine(GridOptions.DataFolderOf(configuration), "cluster");

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IPAddress.TryParse(Listen, out _))
            yield return new($"{Section}:{nameof(Listen)} is an IP address.", [nameof(Listen)]);
        if (Beat * 3 > Lease)
            yield return new($"{Section}:{nameof(Beat)} is at most a third of {nameof(Lease)}.", [nameof(Beat)]);
        if (LeaseMargin * 2 >= Lease)
            yield return new($"{Section}:{nameof(LeaseMargin)} is less than half of {nameof(Lease)}.", [nameof(LeaseMargin)]);
        if (WaitMax >= CallTimeout)
            yield return new($"{Section}:{nameof(WaitMax)} is less than {nameof(CallTimeout)}.", [nameof(WaitMax)]);
    }
}

/// <summary>Checks <see cref="ClusterOptions"/>.</summary>
[OptionsValidator]
internal sealed partial class ClusterOptionsValidator : IValidateOptions<ClusterOptions>;

/// <summary>
/// TLS with certificates on both sides between silos, and from gateways to silos. Section <c>Grid:Cluster:Tls</c>. The files are
/// read again when they change.
/// </summary>
public sealed class ClusterTlsOptions
{
    /// <summary>
    /// Whether connections are secured. None, the default: yes, but not in the environment <c>Development</c>. The same in all
    /// processes of the cluster.
    /// </summary>
    public bool? Enabled { get; set; }

    /// <summary>
    /// The folder of <c>ca.crt</c>, <c>silo.crt</c>, <c>silo.key</c>, <c>gateway.crt</c> and <c>gateway.key</c>. None, the default:
    /// <c>cluster/tls</c> in the data folder, where a process of a cluster on one machine makes what is missing.
    /// Across machines each has what the command <c>certificates</c> made for it.
    /// </summary>
    [StringLength(1024)]
    public string? Folder { get; set; }
}
