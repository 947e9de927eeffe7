using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Load.Processes;

/// <summary>Finds the other programs of this repository, built beside this one.</summary>
internal static class Repository
{
    /// <summary>This program's own dll.</summary>
    public static string Self => typeof(Repository).Assembly.Location;

    public static string Gateway(string? named) =>
        Find(named, "--gateway", Path.Combine("gateway"), "Grid.Gateway.dll");

    public static string Silo(string? named) => Find(named, "--silo", Path.Combine("silo"), "Grid.Silo.dll");

    public static string Baselines(string? named) =>
        Find(named, "--baselines", Path.Combine("bench", "baselines"), "Grid.Bench.Baselines.dll");

    /// <summary>The path of an installed program; null when the search path has none of that name.</summary>
    public static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    private static string Find(string? named, string option, string project, string dll)
    {
        if (named is not null)
            return File.Exists(named) ? named : throw new LoadException($"{option} {named} does not exist");
        // …/bench/load/bin/Release/net10.0 → the same configuration and framework of the other project.
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var output = Path.Combine("bin", framework.Parent?.Name ?? "Release", framework.Name);
        for (var folder = framework.Parent; folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, project, output, dll);
            if (File.Exists(candidate))
                return candidate;
        }
        throw new LoadException($"{dll} is not built: dotnet build -c Release {project}, or name it with {option}");
    }
}
