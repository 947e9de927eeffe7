using System.Text;
using System.Text.Json;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Charts;

/// <summary>The dashboards, as far as they can be checked without Grafana.</summary>
public sealed class DashboardTests
{
    private static readonly string[] Units = ["reqps", "ops", "s", "short", "percentunit", "bytes"];

    public static TheoryData<string> Dashboards => new(Names);

    private static IEnumerable<string> Names =>
        Directory
            .EnumerateFiles(Folder, "*.json")
            .Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal);

    private static string Folder => Path.Combine(Helm.Chart, "dashboards");

    /// <summary>All expressions of all dashboards.</summary>
    internal static IEnumerable<string> Expressions =>
        Names
            .SelectMany(file => Panels(file).SelectMany(TargetsOf))
            .Select(target => target.GetProperty("expr").GetString()!);

    [Theory, MemberData(nameof(Dashboards))]
    public void A_panel_has_an_id_a_title_a_unit_and_a_query(string file)
    {
        var panels = Panels(file).ToArray();
        var ids = panels.Select(each => each.GetProperty("id").GetInt32()).ToArray();
        Assert.Equal(ids.Distinct(), ids);
        foreach (var panel in panels.Where(each => Text(each, "type") != "row"))
        {
            Assert.NotEmpty(Text(panel, "title"));
            Assert.NotEmpty(Text(panel, "description"));
            Assert.Contains(Text(panel, "type"), new[] { "timeseries", "stat" });
            Assert.Contains(Text(panel.GetProperty("fieldConfig").GetProperty("defaults"), "unit"), Units);
            Assert.Equal("${datasource}", Text(panel.GetProperty("datasource"), "uid"));
            var targets = TargetsOf(panel).ToArray();
            Assert.NotEmpty(targets);
            Assert.Equal(
                targets.Select(each => Text(each, "refId")).Distinct(),
                targets.Select(each => Text(each, "refId"))
            );
            Assert.All(targets, each => Assert.Equal("${datasource}", Text(each.GetProperty("datasource"), "uid")));
            Assert.All(targets, each =>
                Assert.Contains("namespace=\"$namespace\"", Text(each, "expr"), StringComparison.Ordinal)
            );
        }
    }

    [Theory, MemberData(nameof(Dashboards))]
    public void No_panel_overlaps_another_or_leaves_the_page(string file)
    {
        var places = Panels(file)
            .Select(each => each.GetProperty("gridPos"))
            .Select(at =>
                (
                    X: at.GetProperty("x").GetInt32(),
                    Y: at.GetProperty("y").GetInt32(),
                    W: at.GetProperty("w").GetInt32(),
                    H: at.GetProperty("h").GetInt32()
                )
            )
            .ToArray();
        Assert.All(places, each => Assert.True(each.X >= 0 && each.X + each.W <= 24, $"{each}"));
        for (var one = 0; one < places.Length; one++)
        {
            for (var other = 0; other < one; other++)
            {
                var (a, b) = (places[one], places[other]);
                Assert.False(
                    a.X < b.X + b.W && b.X < a.X + a.W && a.Y < b.Y + b.H && b.Y < a.Y + a.H,
                    $"{file}: {a} lies on {b}"
                );
            }
        }
    }

    [Theory, MemberData(nameof(Dashboards))]
    public void A_dashboard_has_a_unique_name_and_queries_any_prometheus_about_any_grid(string file)
    {
        using var dashboard = Read(file);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), Text(dashboard.RootElement, "uid"));
        Assert.StartsWith("Grid: ", Text(dashboard.RootElement, "title"), StringComparison.Ordinal);
        var variables = dashboard
            .RootElement.GetProperty("templating")
            .GetProperty("list")
            .EnumerateArray()
            .ToDictionary(each => Text(each, "name"), each => Text(each, "type"));
        Assert.Equal("datasource", variables["datasource"]);
        Assert.Equal("query", variables["namespace"]);
        Assert.Equal(2, variables.Count);
    }

    [PromtoolFact]
    public void Prometheus_can_read_every_expression()
    {
        using var folder = new TemporaryFolder();
        var rules = new StringBuilder("groups:\n  - name: dashboards\n    rules:\n");
        var number = 0;
        foreach (var expression in Expressions)
            rules
                .Append("      - record: dashboard:number")
                .Append(number++)
                .Append(":expr\n        expr: ")
                .Append(JsonSerializer.Serialize(PromQuery.WithoutVariables(expression)))
                .Append('\n');
        var file = Path.Combine(folder.Path, "rules.yaml");
        File.WriteAllText(file, rules.ToString());
        Assert.True(number > 40);
        Assert.Contains(
            $"{number} rules found",
            Promtool.Run("check", "rules", "--lint=none", file),
            StringComparison.Ordinal
        );
    }

    [HelmFact]
    public void Grafana_gets_the_dashboards_unchanged()
    {
        var made = Helm.Render("city-values.yaml").One("ConfigMap", "-dashboards");
        Assert.Equal("1", made["metadata"]["labels"]["grafana_dashboard"].Text);
        Assert.Equal("Grid", made["metadata"]["annotations"]["grafana_folder"].Text);
        Assert.Equal(Names, made["data"].Entries.Select(each => each.Key).Order(StringComparer.Ordinal));
        foreach (var (file, text) in made["data"].Entries)
            Assert.True(
                JsonElement.DeepEquals(Read(file).RootElement, JsonDocument.Parse(text.Text!).RootElement),
                file
            );
        // A config map holds at most 1 MiB.
        Assert.True(made["data"].Entries.Sum(each => each.Value.Text!.Length) < 1 << 20);
    }

    private static JsonDocument Read(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, file)));

    private static IEnumerable<JsonElement> Panels(string file) =>
        Read(file).RootElement.GetProperty("panels").EnumerateArray();

    private static IEnumerable<JsonElement> TargetsOf(JsonElement panel) =>
        panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray() : [];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
