using System.ComponentModel.DataAnnotations;

namespace Grid.Engine.Wire;

/// <summary>Settings of the connections between silos and from gateways to silos. All have defaults.</summary>
public sealed class WireOptions
{
    /// <summary>Default of <see cref="CallsMax"/>.</summary>
    public const int CallsMaxDefault = 8_192;

    /// <summary>The most that <see cref="CallsMax"/> may be.</summary>
    public const int CallsMaxLimit = 16_384;

    /// <summary>The longest of the times below.</summary>
    public static readonly TimeSpan TimesMax = TimeSpan.FromMinutes(10);

    /// <summary>The name of this process in the logs of others. Default: the name of the machine.</summary>
    [StringLength(128, MinimumLength = 1)]
    public string Name { get; set; } = Environment.MachineName;

    /// <summary>
    /// Connections from this process to each silo; 1 to 16. A connection is served by one thread of the silo at a time.
    /// Default: one for every four processors.
    /// </summary>
    [Range(1, 16)]
    public int ConnectionsPerSilo { get; set; } = Math.Clamp(Environment.ProcessorCount / 4, 1, 16);

    /// <summary>Calls that may be under way on one connection; further ones are refused. 1 to 16,384; default 8,192.</summary>
    [Range(1, CallsMaxLimit)]
    public int CallsMax { get; set; } = CallsMaxDefault;

    /// <summary>
    /// Bytes that may wait to be sent on one connection; calls beyond it are refused, and a peer that does not take its
    /// answers is not read any further. 64 KiB to 1 GiB; default 16 MiB.
    /// </summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int QueuedBytesMax { get; set; } = 16 * 1024 * 1024;

    /// <summary>Connections that a silo accepts; further ones are closed. Default 1,024.</summary>
    [Range(1, 65_536)]
    public int AcceptedMax { get; set; } = 1_024;

    /// <summary>How long connecting may take, with TLS and the first frames. Default 1 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The pause after a first failure to connect; it doubles up to <see cref="BackoffMax"/>. Default 20 ms.</summary>
    public TimeSpan BackoffMin { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest pause between two attempts to connect. Default 500 ms.</summary>
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A peer that is silent for as long is asked whether it is there. Default 250 ms.</summary>
    public TimeSpan ProbeAfter { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A peer that is silent for as long is lost, and its calls fail. Default 900 ms.</summary>
    public TimeSpan LostAfter { get; set; } = TimeSpan.FromMilliseconds(900);

    /// <summary>
    /// What tells this grid from others: two processes that speak a version in which grids are named talk only if it is the
    /// same. Not secret. Default: nothing.
    /// </summary>
    [StringLength(64)]
    public string Grid { get; set; } = "";

    /// <summary>TLS with certificates on both sides; null = none, for development and tests.</summary>
    public WireTlsOptions? Tls { get; set; }

    /// <summary>Looks whether the settings make sense.</summary>
    /// <exception cref="ValidationException">One does not; the message names it.</exception>
    internal void Check()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        if (Tls is { } tls)
        {
            Validator.ValidateObject(tls, new ValidationContext(tls), validateAllProperties: true);
        }

        foreach (var (name, time) in new[]
        {
            (nameof(ConnectTimeout), ConnectTimeout), (nameof(BackoffMin), BackoffMin), (nameof(BackoffMax), BackoffMax),
            (nameof(ProbeAfter), ProbeAfter), (nameof(LostAfter), LostAfter),
        })
        {
            if (time <= TimeSpan.Zero || time > TimesMax)
            {
                throw new ValidationException($"WireOptions.{name} must be longer than zero and {TimesMax.TotalMinutes} minutes at the most.");
            }
        }

        if (LostAfter < 2 * ProbeAfter)
        {
            throw new ValidationException("WireOptions.LostAfter must be twice ProbeAfter or more, or a peer is lost before it can answer.");
        }
    }

    /// <summary>Said in the first frame, so that a test can stand for another release.</summary>
    internal int ProtocolOldest { get; set; } = WireProtocol.Oldest;

    internal int ProtocolNewest { get; set; } = WireProtocol.Newest;
}

/// <summary>Where the certificates are. Files are in PEM; they are read again when they change.</summary>
public sealed class WireTlsOptions
{
    /// <summary>The certificates of the authorities that peers may be signed by; several during a change of the authority.</summary>
    [Required]
    public string Authority { get; set; } = "";

    /// <summary>The certificate of this process, and behind it those between it and the authority, if any.</summary>
    [Required]
    public string Certificate { get; set; } = "";

    /// <summary>Its private key, not encrypted.</summary>
    [Required]
    public string Key { get; set; } = "";
}
