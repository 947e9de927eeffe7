using System.ComponentModel.DataAnnotations;

namespace Grid.Sampling;

/// <summary>What samples and results are held against. Section <c>Grid:Sampling</c>.</summary>
public sealed class SamplingOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Sampling";

    /// <summary>
    /// How old a sample, or a result that comes before its samples, may be when it is first reported. Default 365 days;
    /// 1 to 3,650 days.
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(365);

    /// <summary>
    /// Tubes not yet registered for which one laboratory can have results held. Counted in shards, so the bound is met
    /// within a few per cent. Default 65,536; 256 to 1,048,576.
    /// </summary>
    [Range(256, 1 << 20)]
    public int MaxHeldTubesPerLaboratory { get; set; } = 65_536;
}
