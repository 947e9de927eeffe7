using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Hosting;

/// <summary>The bounds of the gateway. Section <c>Grid:Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Gateway";

    /// <summary>The largest body of a single call, in bytes. Default 64 KiB; 4 KiB to 1 MiB.</summary>
    [Range(4 << 10, 1 << 20)]
    public int BodyBytesMax { get; set; } = 64 << 10;

    /// <summary>The largest body of a scan batch, in bytes. Default 512 KiB; 64 KiB to 8 MiB.</summary>
    [Range(64 << 10, 8 << 20)]
    public int BatchBytesMax { get; set; } = 512 << 10;

    /// <summary>The largest body of a streamed import, in bytes. Default 8 GiB; 1 MiB to 1 TiB.</summary>
    [Range(1L << 20, 1L << 40)]
    public long ImportBytesMax { get; set; } = 8L << 30;

    /// <summary>The longest line of a stream, in bytes. Default 16 KiB; 1 to 256 KiB.</summary>
    [Range(1 << 10, 256 << 10)]
    public int LineBytesMax { get; set; } = 16 << 10;

    /// <summary>Lines of one import that are worked on at once. Default 1,024; 1 to 16,384.</summary>
    [Range(1, 16_384)]
    public int ImportInFlightMax { get; set; } = 1024;

    /// <summary>Streams that one subject (a laboratory, a site, an operator) may send at once. Default 4; 1 to 1,000.</summary>
    [Range(1, 1_000)]
    public int StreamsPerSubjectMax { get; set; } = 4;

    /// <summary>Streams of all subjects at once. Default 64; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int StreamsMax { get; set; } = 64;

    /// <summary>All headers of a request together, in bytes. Default 16 KiB; 4 to 64 KiB.</summary>
    [Range(4 << 10, 64 << 10)]
    public int HeaderBytesMax { get; set; } = 16 << 10;

    /// <summary>Connections at once; more are closed. The limit of open files may lower it. Default 50,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsMax { get; set; } = 50_000;

    /// <summary>
    /// How long all grain calls of one request may take together, and those of one line of a stream. Default 2 s; 100 ms to 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan CallDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After how long a sign-in challenge, or a refused sign-in, is answered, whatever it found: the time tells
    /// nothing. Default 250 ms; 0 to 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan SignInAnswerAfter { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The proxies in front of the gateway, as networks with commas between them (<c>10.1.0.0/16,10.2.0.0/16</c>). Only from
    /// them <c>X-Forwarded-For</c> is believed, which says whose calls are counted together. Default: none, the source is
    /// the other end of the connection.
    /// </summary>
    [StringLength(1024)]
    public string Proxies { get; set; } = "";

    /// <summary>
    /// How old what is known of a venue may be when a scan is decided: how long the change of a policy takes to come to
    /// the other gateways. Default 1 s; 0 (every scan asks) to 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan VenueAgeMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The section of a configuration, checked. The server takes its limits before the start checks them.</summary>
    /// <exception cref="OptionsValidationException">A setting is wrong; the message names it.</exception>
    internal static GatewayOptions Of(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<GatewayOptions>() ?? new GatewayOptions();
        return new GatewayOptionsValidator().Validate(null, options) is { Failed: true } wrong
            ? throw new OptionsValidationException(Options.DefaultName, typeof(GatewayOptions), wrong.Failures)
            : options;
    }
}

/// <summary>Checks <see cref="GatewayOptions"/> when the host starts.</summary>
[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;
