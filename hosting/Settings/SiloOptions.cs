using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Hosting.Settings;

/// <summary>Settings of a silo. Section <c>Grid:Silo</c>.</summary>
public sealed class SiloOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Silo";

    /// <summary>
    /// Activate all residents of the silo's partitions in bulk when it starts, beside the calls that it serves. Default
    /// true: a city's surge meets a warm silo.
    /// </summary>
    public bool Preload { get; set; } = true;

    /// <summary>
    /// How long a resident without a call stays in memory. Default 26 h: who passes the same door once a day stays.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan ResidentAge { get; set; } = TimeSpan.FromHours(26);

    /// <summary>
    /// Managed memory beyond which the longest idle grains are deactivated, in MiB. Default 0: 80 % of the memory that
    /// the process may use.
    /// </summary>
    [Range(0, 1_048_576)]
    public int MemoryLimitMiB { get; set; }

    /// <summary>
    /// How long a grain call may take before its caller hears that the outcome is unknown. Orleans looks once a second,
    /// so a call ends within 2 s. Default 1 s; 100 ms to 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>Checks <see cref="SiloOptions"/> at the start.</summary>
[OptionsValidator]
internal sealed partial class SiloOptionsValidator : IValidateOptions<SiloOptions>;
