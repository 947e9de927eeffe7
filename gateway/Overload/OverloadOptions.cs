using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Overload;

/// <summary>How the gateway protects itself and the silos from more calls of clients than they can answer. Section <c>Grid:Overload</c>.</summary>
public sealed class OverloadOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Overload";

    /// <summary>Whether any call is ever refused for overload. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Target latency while requests wait: the limit is recent throughput × this, and displays and scans may use three quarters
    /// of it. Longer than an answer takes on a quiet day. Default 80 ms; 5 ms to 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:05")]
    public TimeSpan LatencyTarget { get; set; } = TimeSpan.FromMilliseconds(80);

    /// <summary>
    /// How long a request waits for a place before it is refused. The newest is admitted first: the oldest has probably given
    /// up. Default 100 ms; 10 ms to 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:02")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The limit never falls below this while no request waits. Default 384 requests; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int FreeInFlight { get; set; } = 384;

    /// <summary>The limit never rises above this. Default 20,000 requests; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxInFlight { get; set; } = 20_000;

    /// <summary>Requests of one class that wait; one more, and the oldest is refused. Default 10,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; set; } = 10_000;

    /// <summary>
    /// The longest Retry-After of a refusal. It grows with the number of requests refused for each one answered, and is
    /// random, so that callers do not return together. A wave is felt for about three times this after its end. Default 2 s;
    /// 1 s to 5 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Checks <see cref="OverloadOptions"/> when the host starts.</summary>
[OptionsValidator]
internal sealed partial class OverloadOptionsValidator : IValidateOptions<OverloadOptions>;
