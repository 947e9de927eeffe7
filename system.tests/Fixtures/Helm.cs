using System.Collections.Concurrent;
using Grid.Tests.Tidy;

namespace Grid.Tests.Fixtures;

/// <summary>A real helm, on the repository's chart. It contacts no cluster.</summary>
internal static class Helm
{
    /// <summary>Names the executable when it is in none of the usual places.</summary>
    internal const string Variable = "GRID_HELM";

    /// <summary>The release that the tests install.</summary>
    internal const string Release = "city";

    // The oldest supported Kubernetes version.
    private const string KubeVersion = "1.30.0";

    private static readonly ConcurrentDictionary<string, Lazy<Manifests>> RenderedCharts = new(StringComparer.Ordinal);

    /// <summary>The path of helm, or null.</summary>
    internal static string? Executable { get; } = ProgramRun.Find(Variable, "/usr/local/bin/helm", "/usr/bin/helm");

    internal static string Chart { get; } = Path.Combine(SourceTree.Root, "charts", "grid");

    /// <summary>The names of the values files that the tests render the chart with.</summary>
    internal static IReadOnlyList<string> Values { get; } =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(Chart, "ci"), "*-values.yaml")
            .Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Renders an installation with these values. Cached for a file without further settings.</summary>
    internal static Manifests Render(string values, params string[] settings) =>
        settings.Length > 0
            ? Rendered(values, settings)
            : RenderedCharts.GetOrAdd(values, each => new Lazy<Manifests>(() => Rendered(each, []))).Value;

    /// <summary>Helm's error when it refuses to render.</summary>
    internal static string Refusal(string values, params string[] settings)
    {
        var end = Template(values, settings);
        Assert.True(end.ExitCode != 0, $"Rendered, but should be refused: {values} {string.Join(' ', settings)}");
        return end.Error;
    }

    internal static CommandEnd Lint(string? values) =>
        ProgramRun.Run(Executable!, ["lint", "--strict", Chart, .. values is null ? [] : File(values)]);

    private static Manifests Rendered(string values, string[] settings)
    {
        var end = Template(values, settings);
        Assert.True(end.ExitCode == 0, end.Error);
        return Manifests.Parse(end.Output);
    }

    private static CommandEnd Template(string values, string[] settings) =>
        ProgramRun.Run(
            Executable!,
            [
                "template",
                Release,
                Chart,
                "--namespace",
                "grid",
                "--kube-version",
                KubeVersion,
                .. File(values),
                .. settings.SelectMany(setting => new[] { "--set", setting }),
            ]
        );

    private static string[] File(string values) => ["--values", Path.Combine(Chart, "ci", values)];
}
