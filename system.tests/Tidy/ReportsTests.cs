using System.Text.RegularExpressions;

namespace Grid.Tests.Tidy;

/// <summary>The list of reports names tests: each exists and is run.</summary>
public sealed partial class ReportsTests
{
    private static readonly string[] Lines =
    [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "13",
        "14",
        "S1",
        "S2",
        "S3",
        "S4",
        "S5",
        "S6",
        "S7",
        "S8",
        "S9",
        "S10",
        "S11",
        "S12",
        "S13",
        "S14",
        "S15",
    ];

    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        var named = TestName()
            .Matches(Page())
            .Select(static match => (Type: match.Groups[1].Value, Method: match.Groups[2].Value))
            .Distinct()
            .ToArray();
        Assert.True(named.Length > 80, $"{named.Length} tests are named");
        var classes = new[] { typeof(TidyTests), typeof(ReportsTests) }
            .SelectMany(static type => type.Assembly.GetTypes())
            .ToLookup(static type => type.Name);
        var missing = named.Where(name =>
            !classes[name.Type]
                .Any(type =>
                    type.GetMethod(name.Method) is { } method && method.IsDefined(typeof(FactAttribute), inherit: true)
                )
        );
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_line_of_the_list_has_a_row()
    {
        var rows = Row().Matches(Page()).SelectMany(static row => row.Groups[1].Value.Split(", ")).ToHashSet();
        Assert.Empty(Lines.Except(rows));
    }

    private static string Page() => File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "reports.md"));

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"(?m)^- ([S\d, ]+) \(.+?\): `")]
    private static partial Regex Row();
}
