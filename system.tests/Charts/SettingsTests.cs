using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grid.Gateway.Hosting;
using Grid.Tests.Fixtures;
using Grid.Tests.Tidy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Charts;

/// <summary>The programs, the documentation and the chart have the same settings: names, meanings and limits.</summary>
public sealed class SettingsTests
{
    /// <summary>Set to anything, it makes the tests write the list and the schema instead of comparing them.</summary>
    private const string WriteVariable = "GRID_WRITE_SETTINGS";
    private const string Start = "<!-- From here on the list is written by system.tests/Charts/SettingsTests.cs. -->\n";
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly HashSet<string> Known =
    [
        SettingsTable.Role,
        .. SettingsTable.All.Select(static each => each.Name),
        .. Enumerable.Range(0, 64).Select(static number => $"Grid:Postgres:{number}"),
    ];

    public static TheoryData<string> Values => new(Helm.Values);

    public static TheoryData<string> Guides =>
        [
            "README.md",
            "docs/ARCHITECTURE.md",
            "docs/operations.md",
            "docs/capacity.md",
            "docs/errors.md",
            "docs/http.md",
            "docs/SECURITY.md",
            "docs/CONTRIBUTING.md",
            "charts/README.md",
            "charts/grid/README.md",
            "charts/grid/values.yaml",
        ];

    [Fact]
    public void The_list_of_settings_matches_the_programs()
    {
        var path = Path.Combine(SourceTree.Root, "docs", "settings.md");
        var text = File.ReadAllText(path);
        var head = text[..(text.IndexOf(Start, StringComparison.Ordinal) + Start.Length)];
        AssertIsWritten(path, text, head + SettingsTable.Markdown());
        Assert.True(SettingsTable.All.Count > 50);
        Assert.All(SettingsTable.All, static each => Assert.StartsWith("Grid:", each.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void The_charts_values_accept_every_setting_within_its_limits()
    {
        var path = Path.Combine(Helm.Chart, "values.schema.json");
        var text = File.ReadAllText(path);
        var schema = JsonNode.Parse(text)!;
        schema["properties"]!["settings"] = SettingsTable.Schema();
        AssertIsWritten(path, text, schema.ToJsonString(Indented) + "\n");
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void A_variable_of_the_grid_is_a_setting_of_its_programs(string values)
    {
        var made = Helm.Render(values);
        var names = made.Pods()
            .SelectMany(each => PodTests.Containers(each.Pod))
            .SelectMany(each => each["env"].Items)
            .Select(each => each["name"].Text!)
            .Concat(made.Of("ConfigMap").SelectMany(each => each["data"].Entries).Select(each => each.Key))
            .Where(name => name.StartsWith("Grid", StringComparison.Ordinal))
            .Distinct()
            .ToArray();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains(name.Replace("__", ":", StringComparison.Ordinal), Known));
    }

    [Theory, MemberData(nameof(Guides))]
    public void A_setting_that_a_guide_names_is_one_of_the_programs(string guide)
    {
        var text = File.ReadAllText(Path.Combine(SourceTree.Root, guide));
        var named = Regex
            .Matches(text, @"\bGrid((:|__)[A-Za-z]+[0-9]*)+")
            .Select(static each => each.Value.Replace("__", ":", StringComparison.Ordinal))
            .Distinct();
        Assert.All(named, static name =>
            Assert.True(Known.Contains(name) || SettingsTable.Sections.Contains(name), name)
        );
    }

    [Fact]
    public async Task The_program_stops_within_the_charts_drain_time()
    {
        using var folder = new TemporaryFolder();
        await using var app = GatewayHost.Build(["--Grid:Data", folder.Path, "--shutdownTimeoutSeconds", "77"]);
        Assert.Equal(
            TimeSpan.FromSeconds(77),
            app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout
        );
    }

    private static void AssertIsWritten(string path, string text, string expected)
    {
        if (Environment.GetEnvironmentVariable(WriteVariable) is { Length: > 0 })
            File.WriteAllText(path, expected);
        else
        {
            Assert.True(
                text == expected,
                $"{Path.GetFileName(path)} differs from the options classes. To rewrite it: "
                    + $"{WriteVariable}=1 dotnet test system.tests --filter SettingsTests"
            );
        }
    }
}
