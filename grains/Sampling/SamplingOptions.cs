using System.ComponentModel.DataAnnotations;

namespace Grid.Sampling;

/// <summary>Limits of samples and results. Section <c>Grid:Sampling</c>.</summary>
public sealed class SamplingOptions
{
    public const string Section = "Grid:Sampling";

    /// <summary>
    /// The greatest age of a sample when it is first reported, and of a result that arrives before its samples. Default
    /// 365 days; 1 to 3,650 days.
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(365);

    /// <summary>
    /// The most unregistered tubes for which one laboratory can have results held. Each shard counts on its own, so the
    /// limit is exact within a few per cent. Default 65,536; 256 to 1,048,576.
    /// </summary>
    [Range(256, 1 << 20)]
    public int MaxHeldTubesPerLaboratory { get; set; } = 65_536;
}
