using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Hosting;

/// <summary>What every process of a grid is told. Section <c>Grid</c>.</summary>
public sealed class GridOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid";

    /// <summary>The folder of keys, store and spool; made when missing. Default <c>grid-data</c> in the current folder.</summary>
    [Required(ErrorMessage = "Grid:Data must name a folder.")]
    [StringLength(1024, MinimumLength = 1, ErrorMessage = "Grid:Data must name a folder.")]
    public string Data { get; set; } = "grid-data";

    /// <summary>The data folder of a configuration, as a full path.</summary>
    public static string DataFolderOf(IConfiguration configuration)
        => Path.GetFullPath(configuration[$"{Section}:{nameof(Data)}"] is { Length: > 0 } folder ? folder : new GridOptions().Data);
}

/// <summary>Checks <see cref="GridOptions"/> when the host starts.</summary>
[OptionsValidator]
internal sealed partial class GridOptionsValidator : IValidateOptions<GridOptions>;
