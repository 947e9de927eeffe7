using System.ComponentModel.DataAnnotations;

namespace Grid.Codes;

/// <summary>Settings of the colour rules. Section <c>Grid:Codes</c>.</summary>
public sealed class CodeOptions
{
    public const string Section = "Grid:Codes";

    /// <summary>How long a sample may wait before the code shows it as overdue. Default 24 h; 1 h to 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "7.00:00:00")]
    public TimeSpan OverdueAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How soon we expect the single retest of a positive pool. Default 24 h; 1 h to 30 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")]
    public TimeSpan RetestWithin { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How many negative single tests after the positive sample end a positive. Default 2; 1 to 8.
    /// </summary>
    [Range(1, 8)]
    public int RecoveryNegatives { get; set; } = 2;

    /// <summary>The least time between the samples of those tests. Default 24 h; 0 to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan RecoveryInterval { get; set; } = TimeSpan.FromHours(24);
}
