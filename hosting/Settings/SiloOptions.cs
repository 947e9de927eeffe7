using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Hosting.Settings;

/// <summary>Settings of a silo. Section <c>Grid:Silo</c>.</summary>
public sealed class SiloOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Silo";

    /// <summary>
    /// Activates all residents of the silo's partitions at the start, so that a surge meets a warm silo. Default true.
    /// </summary>
    public bool Preload { get; set; } = true;

    /// <summary>
    /// How long an unused resident stays in memory. Default 26 h, so daily users stay; 1 min to 30 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan ResidentAge { get; set; } = TimeSpan.FromHours(26);

    /// <summary>
    /// Managed memory in MiB above which idle grains are deactivated; 0 means 80 % of the process's limit. Default 0.
    /// </summary>
    [Range(0, 1_048_576)]
    public int MemoryLimitMiB { get; set; }

    /// <summary>Time limit of a grain call; Orleans checks it once a second. Default 1 s; 100 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>Checks <see cref="SiloOptions"/> at the start.</summary>
[OptionsValidator]
internal sealed partial class SiloOptionsValidator : IValidateOptions<SiloOptions>;
