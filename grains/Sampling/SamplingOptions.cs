using System.ComponentModel.DataAnnotations;

namespace Grid.Sampling;

/// <summary>What samples and results are held against. Section <c>Grid:Sampling</c>.</summary>
public sealed class SamplingOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Sampling";

    /// <summary>
    /// Largest age of a sample, or of a result without samples, when first reported. Default 365 days; 1 to 3,650 days.
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(365);

    /// <summary>
    /// Unregistered tubes for which a laboratory may have results held. Default 65,536; 256 to 1,048,576.
    /// </summary>
    /// <remarks>Counted in shards, so the bound is exact within a few per cent.</remarks>
    [Range(256, 1 << 20)]
    public int MaxHeldTubesPerLaboratory { get; set; } = 65_536;
}
