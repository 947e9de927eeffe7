using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Grid.Tests.Tidy;

/// <summary>The source files of the repository.</summary>
internal static class SourceTree
{
    private static readonly string[] NotSource = ["bin", "obj", ".git"];

    public static string Root { get; } = FindRoot();

    /// <summary>The files of a folder with one of these extensions. Paths start at the root and have slashes.</summary>
    public static IEnumerable<SourceFile> Files(string folder, params string[] endings) =>
        Directory
            .EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => NotSource.Contains(part)))
            .Where(path => endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(path));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Grid.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"Grid.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}

/// <summary>A file of the repository.</summary>
internal sealed record SourceFile(string Path)
{
    public string[] Lines => File.ReadAllLines(System.IO.Path.Combine(SourceTree.Root, Path));

    /// <summary>The parsed C#, with no <c>#if</c> symbol defined.</summary>
    public SyntaxNode Syntax =>
        CSharpSyntaxTree
            .ParseText(
                File.ReadAllText(System.IO.Path.Combine(SourceTree.Root, Path)),
                new CSharpParseOptions(LanguageVersion.Preview)
            )
            .GetRoot();

    public override string ToString() => Path;
}
