using System.Text.RegularExpressions;

namespace Grid.Tests.Tidy;

/// <summary>Checks that the files and methods named in the guides exist.</summary>
public sealed partial class DocsTests
{
    private static readonly string[] Top =
    [
        ".ci",
        "grains",
        "silo",
        "gateway",
        "grains.tests",
        "bench",
        "charts",
        "docs",
    ];

    public static TheoryData<string> Pages =>
        ["README.md", "docs/ARCHITECTURE.md", "docs/CONTRIBUTING.md", "docs/ways.md"];

    [Theory, MemberData(nameof(Pages))]
    public void Every_path_in_a_guide_exists(string page)
    {
        var text = File.ReadAllText(Path.Combine(SourceTree.Root, page));
        var missing = CodePath()
            .Matches(text)
            .Select(static match => match.Groups[1].Value)
            .Where(IsPath)
            .Concat(LinkPath().Matches(text).Select(match => FromRoot(page, match.Groups[1].Value)))
            .Where(static path => !Path.Exists(Path.Combine(SourceTree.Root, path)));
        Assert.Empty(missing.Distinct());
    }

    [Fact]
    public void Every_method_named_in_the_ways_is_declared_in_its_file()
    {
        var text = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "ways.md"));
        var hops = Hop()
            .Matches(text)
            .SelectMany(static hop =>
                hop.Groups[2].Captures.Select(method => (Path: hop.Groups[1].Value, Method: method.Value))
            )
            .Distinct()
            .ToArray();
        Assert.True(hops.Length >= 30, $"{hops.Length} methods are named");
        var missing = hops.Where(static hop => !Declares(hop.Path, hop.Method));
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_line_of_the_ways_is_a_hop()
    {
        var others = File.ReadLines(Path.Combine(SourceTree.Root, "docs", "ways.md"))
            .Where(static line => char.IsAsciiDigit(line.FirstOrDefault()) && !Hop().IsMatch(line));
        Assert.Empty(others);
    }

    private static bool Declares(string path, string method)
    {
        var file = Path.Combine(SourceTree.Root, path);
        return File.Exists(file)
            && Regex.IsMatch(File.ReadAllText(file), $@"(?m)^[ \t]*[^/\s].*\b{Regex.Escape(method)}\s*(<\w+>)?\(");
    }

    // Skips paths with a placeholder, such as grains/<Feature>.
    private static bool IsPath(string code) =>
        code.Contains('/', StringComparison.Ordinal)
        && Top.Contains(code.Split('/')[0])
        && code.IndexOfAny(['<', '*', ' ', '…']) < 0;

    private static string FromRoot(string page, string link) =>
        Path.GetRelativePath(
            SourceTree.Root,
            Path.GetFullPath(Path.Combine(SourceTree.Root, Path.GetDirectoryName(page)!, link))
        );

    [GeneratedRegex(@"`([\w./<>*…-]+)`")]
    private static partial Regex CodePath();

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)")]
    private static partial Regex LinkPath();

    [GeneratedRegex(@"`([\w./-]+\.cs)` → (?:`(\w+)`(?:, )?)+")]
    private static partial Regex Hop();
}
