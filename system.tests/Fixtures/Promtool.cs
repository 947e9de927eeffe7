namespace Grid.Tests.Fixtures;

/// <summary>Prometheus' own tool: checks rules and runs their tests.</summary>
internal static class Promtool
{
    /// <summary>Names the executable when it is in none of the usual places.</summary>
    internal const string Variable = "GRID_PROMTOOL";

    /// <summary>The path of promtool, or null.</summary>
    internal static string? Executable { get; } =
        ProgramRun.Find(Variable, "/usr/bin/promtool", "/usr/local/bin/promtool");

    /// <summary>Runs promtool; fails with its output when it reports an error.</summary>
    internal static string Run(params string[] arguments)
    {
        var end = ProgramRun.Run(Executable!, arguments);
        Assert.True(end.ExitCode == 0, $"promtool {string.Join(' ', arguments)}:\n{end.Output}{end.Error}");
        return end.Output + end.Error;
    }
}
