using System.Text.RegularExpressions;
using Grid.Tests.Fixtures;
using Grid.Tests.Tidy;

namespace Grid.Tests.Charts;

/// <summary>
/// The alert rules: Prometheus accepts them, and tests show that each fires and stays quiet, and says what to do.
/// </summary>
public sealed class AlertTests
{
    public static TheoryData<string> TestFiles => new(FilesOf("rules-tests"));

    private static IEnumerable<Yaml> Rules =>
        FilesOf("rules")
            .SelectMany(file => Read("rules", file)["groups"].Items)
            .SelectMany(group => group["rules"].Items);

    private static IEnumerable<Yaml> Alerts => Rules.Where(rule => rule["alert"].Exists);

    [PromtoolFact]
    public void Prometheus_accepts_the_rules()
    {
        var said = Promtool.Run([
            "check",
            "rules",
            "--lint=all",
            "--lint-fatal",
            .. FilesOf("rules").Select(file => PathOf("rules", file)),
        ]);
        Assert.Contains($"{Alerts.Count()} rules found", said, StringComparison.Ordinal);
    }

    [PromtoolTheory, MemberData(nameof(TestFiles))]
    public void Alerts_fire_when_they_should_and_only_then(string file) =>
        Assert.Contains(
            "SUCCESS",
            Promtool.Run("test", "rules", PathOf("rules-tests", file)),
            StringComparison.Ordinal
        );

    [Fact]
    public void Every_alert_has_a_test_that_fires_it_and_one_that_keeps_it_quiet()
    {
        var cases = FilesOf("rules-tests")
            .SelectMany(file => Read("rules-tests", file)["tests"].Items)
            .SelectMany(test =>
                test["alert_rule_test"]
                    .Items.Select(each =>
                        (
                            Name: each["alertname"].Text,
                            Fires: each["exp_alerts"].Items.Any(),
                            Others: OthersIn(test, each)
                        )
                    )
            )
            .ToArray();
        foreach (var alert in Alerts.Select(each => each["alert"].Text))
        {
            Assert.True(cases.Any(each => each.Name == alert && each.Fires), $"{alert} is in no test that fires it");
            Assert.True(
                cases.Any(each => each.Name == alert && (!each.Fires || each.Others)),
                $"{alert} is in no test that keeps it quiet"
            );
        }

        Assert.All(cases, each => Assert.Contains(Alerts, alert => alert["alert"].Text == each.Name));
    }

    [Fact]
    public void An_alert_states_its_severity_the_problem_and_the_remedy()
    {
        var runbook = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "operations.md"));
        var entries = Regex
            .Matches(runbook, @"(?m)^### (Grid\w+)\n\n((?:(?!^##).*\n)+)")
            .ToDictionary(each => each.Groups[1].Value, each => each.Groups[2].Value);
        Assert.Equal(Alerts.Select(each => each["alert"].Text!).Order(), entries.Keys.Order());
        foreach (var alert in Alerts)
        {
            var name = alert["alert"].Text!;
            Assert.Contains(alert["labels"]["severity"].Text, new[] { "critical", "warning" });
            Assert.EndsWith(".", alert["annotations"]["summary"].Text, StringComparison.Ordinal);
            Assert.NotEmpty(alert["annotations"]["description"].Text!);
            Assert.Equal($"docs/operations.md#{name.ToLowerInvariant()}", alert["annotations"]["runbook_url"].Text);
            Assert.True(alert["for"].Exists, name);
            Assert.True(entries[name].Trim().Length > 100, $"{name} has an entry that is too short");
        }
    }

    [HelmFact]
    public void The_chart_installs_every_rule_except_the_disabled_ones()
    {
        var all = Installed();
        Assert.Equal(Rules.Count(), all.Length);
        Assert.All(all.Where(each => each["alert"].Exists), each =>
            Assert.StartsWith(
                "https://git.example.org/grid/blob/main/docs/operations.md#grid",
                each["annotations"]["runbook_url"].Text,
                StringComparison.Ordinal
            )
        );
        // Templates of alerts are Prometheus', not helm's.
        Assert.Contains(all, each =>
            each["annotations"]["description"].Text?.Contains("{{ $labels.namespace }}", StringComparison.Ordinal)
            == true
        );

        var fewer = Installed("monitoring.rules.disabled={GridSurgeBeginning,GridKeyOld}");
        Assert.Equal(["GridKeyOld", "GridSurgeBeginning"], Names(all).Except(Names(fewer)).Order());
    }

    private static Yaml[] Installed(params string[] settings) =>
        [
            .. Helm.Render("city-values.yaml", settings)
                .One("PrometheusRule")["spec"]["groups"]
                .Items.SelectMany(group => group["rules"].Items),
        ];

    private static IEnumerable<string> Names(IEnumerable<Yaml> rules) =>
        rules.Select(each => each["alert"].Text ?? each["record"].Text!);

    /// <summary>Whether the test has series of a namespace without the alert: the alert stays quiet there.</summary>
    private static bool OthersIn(Yaml test, Yaml expected)
    {
        var fired = expected["exp_alerts"].Items.Select(each => each["exp_labels"]["namespace"].Text).ToHashSet();
        return test["input_series"]
            .Items.Select(each => Regex.Match(each["series"].Text!, "namespace=\"([^\"]+)\"").Groups[1].Value)
            .Any(each => !fired.Contains(each));
    }

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Helm.Chart, folder), "*.yaml")
            .Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal);

    private static string PathOf(string folder, string file) => Path.Combine(Helm.Chart, folder, file);

    private static Yaml Read(string folder, string file) =>
        Manifests.Parse(File.ReadAllText(PathOf(folder, file))).Objects.Single();
}
