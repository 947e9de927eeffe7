using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Overload;

/// <summary>
/// How the gateway protects itself and the silos from more calls of clients than they can answer. Section
/// <c>Grid:Overload</c>.
/// </summary>
public sealed class OverloadOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Overload";

    /// <summary>Turns overload control on. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Target latency: the limit is recent throughput × this while requests wait. Default 80 ms; 5 ms to 5 s.
    /// </summary>
    /// <remarks>
    /// Set it longer than an answer takes on a quiet day. Displays and scans may use three quarters of the limit.
    /// </remarks>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:05")]
    public TimeSpan LatencyTarget { get; set; } = TimeSpan.FromMilliseconds(80);

    /// <summary>How long a request waits for a slot before it is refused. Default 100 ms; 10 ms to 2 s.</summary>
    /// <remarks>The newest request is admitted first: the oldest has probably given up.</remarks>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:02")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Lower bound of the limit while no request waits. Default 384 requests; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int FreeInFlight { get; set; } = 384;

    /// <summary>Upper bound of the limit. Default 20,000 requests; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxInFlight { get; set; } = 20_000;

    /// <summary>
    /// Waiting requests of one class; one more, and the oldest is refused. Default 10,000; 1 to 1,000,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; set; } = 10_000;

    /// <summary>Longest <c>Retry-After</c> of a refusal. Default 2 s; 1 s to 5 min.</summary>
    /// <remarks>
    /// It grows with refusals per answer and is random, so that callers do not return together. A wave lasts about
    /// three times this beyond its end.
    /// </remarks>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Checks <see cref="OverloadOptions"/> when the host starts.</summary>
[OptionsValidator]
internal sealed partial class OverloadOptionsValidator : IValidateOptions<OverloadOptions>;
