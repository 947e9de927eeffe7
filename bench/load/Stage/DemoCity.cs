using System.Globalization;
using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Load.Stage;

/// <summary>The gateway's demo city as the residents of a comparison.</summary>
internal static class DemoCity
{
    /// <summary>
    /// The gateway's command: creates the city, resumes one that was interrupted, or uses an existing one.
    /// </summary>
    public static string[] Command(StageOptions grid) =>
        Directory.Exists(Path.Combine(grid.DataFolder!, "demo"))
            ? ["demo"]
            : ["demo", "--residents", grid.Residents.ToString(CultureInfo.InvariantCulture)];
}
