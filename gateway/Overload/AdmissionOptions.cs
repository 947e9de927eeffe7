using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Overload;

/// <summary>How the gateway guards itself and the silos against more calls of clients than can be answered. Section <c>Grid:Admission</c>.</summary>
public sealed class AdmissionOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Admission";

    /// <summary>Whether anybody is ever refused. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// How long an admitted request may take while there are more than can be answered: so much is let in as was answered in
    /// this time of late. More than the silos and the store need for one when they are not busy. Default 60 ms.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:05")]
    public TimeSpan LatencyTarget { get; set; } = TimeSpan.FromMilliseconds(60);

    /// <summary>
    /// How long a request may wait to be let in before it is refused. Who came last is let in first: whoever waited long has
    /// looked away. Default 100 ms.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:02")]
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Requests under way that are always let in. Default 256; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int InFlightFree { get; set; } = 256;

    /// <summary>Requests under way that are ever let in. Default 20,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int InFlightMax { get; set; } = 20_000;

    /// <summary>Requests that may wait; for one more, the one that has waited longest is refused. Default 10,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int WaitingMax { get; set; } = 10_000;

    /// <summary>
    /// The longest that a refused caller is asked to stay away (Retry-After). It grows with the number of those refused for
    /// each one let in, and is drawn at random, so that they don't come back together. Three times this is how long a wave is felt
    /// after its end. Default 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RetryAfterMax { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Checks <see cref="AdmissionOptions"/> when the host starts.</summary>
[OptionsValidator]
internal sealed partial class AdmissionOptionsValidator : IValidateOptions<AdmissionOptions>;
