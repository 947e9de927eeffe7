using System.Formats.Tar;
using System.Text.RegularExpressions;
using Grid.Tests.Fixtures;
using Grid.Tests.Tidy;

namespace Grid.Tests.Upgrade;

/// <summary>
/// The release before this one, built from the repository's own history: the parent of the commit that raised the version in
/// <c>Directory.Build.props</c>. Found by what that commit did and not by its name, so that a history that was written anew has it too.
/// </summary>
public sealed partial class FormerRelease : IDisposable
{
    private const string Properties = "Directory.Build.props";
    private static readonly TimeSpan s_buildMax = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<string> _programs;

    public FormerRelease() => _programs = new Lazy<string>(Build);

    /// <summary>Why it can't be built here; null when it can.</summary>
    internal static string? Missing { get; } = WhyMissing();

    /// <summary>Its version, such as 0.1.0.</summary>
    internal static string Version => VersionIn(Git("show", $"{Commit()}:{Properties}")).Full;

    /// <summary>The version of this build, such as 0.2.0-dev.</summary>
    internal static string VersionNow => VersionIn(File.ReadAllText(Path.Combine(SourceTree.Root, Properties))).Full;

    /// <summary>The folder of its programs. They are built when they are first asked for, which takes a minute.</summary>
    internal Task<string> ProgramsAsync() => Task.Run(() => _programs.Value);

    public void Dispose() => _folder.Dispose();

    private string Build()
    {
        var archive = Path.Combine(_folder.Path, "tree.tar");
        var tree = Directory.CreateDirectory(Path.Combine(_folder.Path, "tree")).FullName;
        Git("archive", "--format=tar", "--output", archive, Commit());
        TarFile.ExtractToDirectory(archive, tree, overwriteFiles: false);
        // It passed its own checks when it was current. Nothing that stays behind, or it would hold the output open.
        var built = ProgramRun.Run(
            "dotnet",
            [
                "build", Path.Combine(tree, "gateway", "Grid.Gateway.csproj"), "-c", "Release", "-m:2", "-v:q", "-nologo", "-nodeReuse:false",
                "-p:UseSharedCompilation=false", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", "-p:GridEngine=Embedded",
            ],
            s_buildMax);
        Assert.True(built.ExitCode == 0, $"Release {Version} could not be built: {built.Output}{built.Error}");
        return Path.Combine(tree, "gateway", "bin", "Release", "net10.0");
    }

    private static string? WhyMissing()
    {
        try
        {
            Commit();
            return null;
        }
        catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return $"The release before this one can't be built: {fault.Message.ReplaceLineEndings(" ")}";
        }
    }

    private static string Commit()
    {
        var raised = $"<Version>{VersionIn(File.ReadAllText(Path.Combine(SourceTree.Root, Properties))).Core}-dev</Version>";
        // The newest first: a later one may have cut the release.
        var commit = Git("log", "--format=%H", $"-S{raised}", "--", Properties).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault()
            ?? throw new InvalidOperationException($"no commit of this history raised the version to {raised}.");
        return Git("rev-parse", "--verify", "--end-of-options", $"{commit}^").Trim();
    }

    private static (string Core, string Full) VersionIn(string properties) => VersionPattern().Match(properties) is { Success: true } found
        ? (found.Groups["core"].Value, found.Groups["core"].Value + found.Groups["rest"].Value)
        : throw new InvalidOperationException($"{Properties} names no version.");

    private static string Git(params string[] arguments)
    {
        var end = ProgramRun.Run("git", ["-C", SourceTree.Root, .. arguments]);
        return end.ExitCode == 0 ? end.Output : throw new InvalidOperationException($"git {arguments[0]}: {end.Error}");
    }

    [GeneratedRegex(@"<Version>(?<core>\d+\.\d+\.\d+)(?<rest>-dev)?</Version>")]
    private static partial Regex VersionPattern();
}
