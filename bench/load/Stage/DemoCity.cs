using System.Globalization;
using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Load.Stage;

/// <summary>The gateway's demo city as the residents of a comparison.</summary>
internal static class DemoCity
{
    /// <summary>The gateway's command: it makes the city, goes on with one that was interrupted, or takes the one that is there.</summary>
    public static string[] Command(StageOptions grid) =>
        Directory.Exists(Path.Combine(grid.DataFolder!, "demo"))
            ? ["demo"]
            : ["demo", "--residents", grid.Residents.ToString(CultureInfo.InvariantCulture)];
}
