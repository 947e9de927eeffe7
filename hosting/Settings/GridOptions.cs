using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Hosting.Settings;

/// <summary>What every process of a grid is told. Section <c>Grid</c>.</summary>
public sealed class GridOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid";

    /// <summary>
    /// Folder of keys, store and spool; created if missing. Default <c>grid-data</c> in the current folder.
    /// </summary>
    [Required(ErrorMessage = "Grid:Data must name a folder.")]
    [StringLength(1024, MinimumLength = 1, ErrorMessage = "Grid:Data must name a folder.")]
    public string Data { get; set; } = "grid-data";

    /// <summary>
    /// Serves Orleans' dashboard at <c>/dashboard/</c> to admins; set it for every process. Default false.
    /// </summary>
    /// <remarks>It shows silos and calls by kind of grain, never a grain's key or state.</remarks>
    public bool Dashboard { get; set; }

    /// <summary>Whether a configuration enables the dashboard.</summary>
    public static bool HasDashboard(IConfiguration configuration) =>
        configuration.GetValue<bool>($"{Section}:{nameof(Dashboard)}");

    /// <summary>The data folder of a configuration, as a full path.</summary>
    public static string DataFolderOf(IConfiguration configuration) =>
        Path.GetFullPath(
            configuration[$"{Section}:{nameof(Data)}"] is { Length: > 0 } folder ? folder : new GridOptions().Data
        );
}

/// <summary>Checks <see cref="GridOptions"/> when the host starts.</summary>
[OptionsValidator]
internal sealed partial class GridOptionsValidator : IValidateOptions<GridOptions>;
