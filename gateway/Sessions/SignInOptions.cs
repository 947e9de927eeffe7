using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Sessions;

/// <summary>
/// How often anybody may ask for one-time codes and try them. Counted by each gateway for itself. Section
/// <c>Grid:SignIn</c>.
/// </summary>
public sealed class SignInOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:SignIn";

    /// <summary>Codes requested for one phone per hour. Default 10; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int PerPhoneAndHour { get; set; } = 10;

    /// <summary>Codes requested for one identity number per hour. Default 10; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int PerDocumentAndHour { get; set; } = 10;

    /// <summary>Sign-in calls of one source per second; bursts up to 15 times. Default 20; 1 to 100,000.</summary>
    /// <remarks>
    /// A source is an IPv4 address, which thousands of phones may share behind a carrier, or an IPv6 /56.
    /// </remarks>
    [Range(1, 100_000)]
    public int PerSourceAndSecond { get; set; } = 20;

    /// <summary>Sign-in calls of all sources per second; bursts up to twice. Default 500; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int PerSecond { get; set; } = 500;

    /// <summary>Wrong codes of one source per minute; bursts up to twice. Default 60; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int RefusedPerSourceAndMinute { get; set; } = 60;

    /// <summary>Sign-in calls of one source that wait for their answer. Default 100; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int WaitingPerSourceMax { get; set; } = 100;

    /// <summary>Sign-in calls of all sources that wait for their answer. Default 2,000; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int WaitingMax { get; set; } = 2_000;
}

/// <summary>Checks <see cref="SignInOptions"/> when the host starts.</summary>
[OptionsValidator]
internal sealed partial class SignInOptionsValidator : IValidateOptions<SignInOptions>;
