using System.ComponentModel.DataAnnotations;

namespace Grid.Codes;

/// <summary>What the colour rules can be told. Section <c>Grid:Codes</c>.</summary>
public sealed class CodeOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Codes";

    /// <summary>Age at which a sample without a result is shown as overdue. Default 24 h; 1 h to 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "7.00:00:00")]
    public TimeSpan OverdueAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Time within which the single retest of a positive pool is expected. Default 24 h; 1 h to 30 days.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")]
    public TimeSpan RetestWithin { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Negative single tests that end a positive. Default 2; 1 to 8.</summary>
    [Range(1, 8)]
    public int RecoveryNegatives { get; set; } = 2;

    /// <summary>Minimum time between the samples of those negative tests. Default 24 h; 0 to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan RecoveryInterval { get; set; } = TimeSpan.FromHours(24);
}
