using System.ComponentModel.DataAnnotations;

namespace Grid.Codes;

/// <summary>What the colour rules can be told. Section <c>Grid:Codes</c>.</summary>
public sealed class CodeOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Codes";

    /// <summary>How long a sample may wait before it is shown as overdue. Default 24 h; 1 h to 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "7.00:00:00")]
    public TimeSpan OverdueAfter { get; set; } = TimeSpan.FromHours(24);
}
