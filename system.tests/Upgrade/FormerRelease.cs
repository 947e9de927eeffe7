using System.Formats.Tar;
using System.Text.RegularExpressions;
using Grid.Tests.Fixtures;
using Grid.Tests.Tidy;

namespace Grid.Tests.Upgrade;

/// <summary>
/// The previous release, built from the repository's own history: the parent of the commit that raised the version in
/// <c>Directory.Build.props</c>. That commit is found by its change, not by its name, so that a rewritten history works
/// too.
/// </summary>
public sealed partial class FormerRelease : IDisposable
{
    /// <summary>Names a commit or a tag to build instead, for a trial before there is a release.</summary>
    internal const string Variable = "GRID_FORMER_RELEASE";

    private const string Properties = "Directory.Build.props";

    // 0.1 ran on another engine: it cannot share a cluster with this version.
    private static readonly Version First = new(0, 2, 0);
    private static readonly TimeSpan MaxBuild = TimeSpan.FromMinutes(15);

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<string> _programs;

    public FormerRelease() => _programs = new Lazy<string>(Build);

    /// <summary>Why it cannot be built here; null when it can.</summary>
    internal static string? Missing { get; } = WhyMissing();

    /// <summary>The folder of its programs. The first call builds them, which takes a minute or more.</summary>
    internal Task<string> ProgramsAsync() => Task.Run(() => _programs.Value);

    public void Dispose() => _folder.Dispose();

    private string Build()
    {
        var archive = Path.Combine(_folder.Path, "tree.tar");
        var tree = Directory.CreateDirectory(Path.Combine(_folder.Path, "tree")).FullName;
        Git("archive", "--format=tar", "--output", archive, Commit());
        TarFile.ExtractToDirectory(archive, tree, overwriteFiles: false);
        // No analyzers: they ran when the release was current. No build server may stay behind: it would hold the
        // output open.
        var built = ProgramRun.Run(
            "dotnet",
            [
                "build",
                Path.Combine(tree, "gateway", "Grid.Gateway.csproj"),
                "-c",
                "Release",
                "-m:2",
                "-v:q",
                "-nologo",
                "-nodeReuse:false",
                "-p:UseSharedCompilation=false",
                "-p:RunAnalyzers=false",
                "-p:EnforceCodeStyleInBuild=false",
            ],
            MaxBuild
        );
        Assert.True(
            built.ExitCode == 0,
            $"The release before this one could not be built: {built.Output}{built.Error}"
        );
        return Path.Combine(tree, "gateway", "bin", "Release", "net10.0");
    }

    private static string? WhyMissing()
    {
        try
        {
            Commit();
            return null;
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return $"No release before this one: {failure.Message.ReplaceLineEndings(" ")}";
        }
    }

    private static string Commit()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return Git("rev-parse", "--verify", "--end-of-options", $"{named}^{{commit}}").Trim();
        var raised =
            $"<Version>{VersionIn(File.ReadAllText(Path.Combine(SourceTree.Root, Properties))).Core}-dev</Version>";
        // The newest first: a later one may have cut the release.
        var commit = Git("log", "--format=%H", $"-S{raised}", "--", Properties)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .LastOrDefault()
            ?? throw new InvalidOperationException($"No commit of this history raised the version to {raised}.");
        var before = Git("rev-parse", "--verify", "--end-of-options", $"{commit}^").Trim();
        var (core, isReleased) = VersionIn(Git("show", $"{before}:{Properties}"));
        if (!isReleased)
            throw new InvalidOperationException($"The version before {raised} is {core}-dev, which was not released.");
        return System.Version.Parse(core) >= First
            ? before
            : throw new InvalidOperationException($"{core} ran on another engine.");
    }

    private static (string Core, bool IsReleased) VersionIn(string properties) =>
        VersionPattern().Match(properties) is { Success: true } found
            ? (found.Groups["core"].Value, !found.Groups["dev"].Success)
            : throw new InvalidOperationException($"{Properties} names no version.");

    private static string Git(params string[] arguments)
    {
        var end = ProgramRun.Run("git", ["-C", SourceTree.Root, .. arguments]);
        return end.ExitCode == 0 ? end.Output : throw new InvalidOperationException($"git {arguments[0]}: {end.Error}");
    }

    [GeneratedRegex(@"<Version>(?<core>\d+\.\d+\.\d+)(?<dev>-dev)?</Version>")]
    private static partial Regex VersionPattern();
}

/// <summary>
/// A test with two releases: only in a full campaign (<c>GRID_CAMPAIGN=full</c>), because it builds the previous one.
/// Skipped with a reason where something is missing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UpgradeFactAttribute : FactAttribute
{
    public UpgradeFactAttribute() => Skip = CampaignFactAttribute.Reason ?? FormerRelease.Missing;
}
