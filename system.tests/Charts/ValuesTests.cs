using System.Text.Json;
using Grid.Keys;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Charts;

/// <summary>The values that the chart accepts, those that it refuses, and its messages.</summary>
public sealed class ValuesTests
{
    private const string Whole = "existing-secrets-values.yaml";

    public static TheoryData<string?> Linted => new(Helm.Values.Prepend(null));

    [HelmTheory, MemberData(nameof(Linted))]
    public void Helm_lint_reports_nothing(string? values)
    {
        var end = Helm.Lint(values);
        Assert.True(end.ExitCode == 0, end.Output + end.Error);
        Assert.DoesNotContain("[WARNING]", end.Output, StringComparison.Ordinal);
    }

    [HelmTheory]
    [InlineData("silo.replica=3", "silo: Additional property replica")]
    [InlineData("silo.replicas=0", "silo.replicas")]
    [InlineData("silo.replicas=three", "silo.replicas")]
    [InlineData("settings.Silo.ResidentAges=1", "settings.Silo: Additional property ResidentAges")]
    [InlineData("settings.Silo.ResponseTimeout=3s", "settings.Silo.ResponseTimeout")]
    [InlineData("settings.Gateway.BodyBytesMax=1", "settings.Gateway.BodyBytesMax")]
    [InlineData("settings.Data=/tmp", "settings: Additional property Data")]
    [InlineData("settings.Postgres=Host", "settings: Additional property Postgres")]
    [InlineData("silo.disruption.maxUnavailable=100%", "silo.disruption.maxUnavailable")]
    [InlineData("silo.topologySpread.zone=Sometimes", "silo.topologySpread.zone")]
    [InlineData("silo.autoscaling.minReplicas=1", "silo.autoscaling.minReplicas")]
    [InlineData("gateway.service.type=ExternalName", "gateway.service.type")]
    [InlineData("gateway.image.digest=sha256:abc", "gateway.image.digest")]
    [InlineData("ingress.hosts={https://code.example.org}", "ingress.hosts.0")]
    [InlineData("monitoring.rules.disabled={everything}", "monitoring.rules.disabled.0")]
    [InlineData("redis.existingSecret=Not A Name", "redis.existingSecret")]
    [InlineData("postgres.connectionStrings={no-host}", "postgres.connectionStrings.0")]
    [InlineData("image.pullPolicy=Sometimes", "image.pullPolicy")]
    [InlineData("gateway.leaveSeconds=0", "gateway.leaveSeconds")]
    [InlineData("gateway.role=Silo", "gateway.role")]
    [InlineData("settings.Cluster.Redis=redis:6379", "settings.Cluster: Additional property Redis")]
    [InlineData("settings.ClusterId=grid", "settings: Additional property ClusterId")]
    public void A_wrong_value_is_refused_by_its_name(string setting, string named) =>
        Assert.Contains(named, Helm.Refusal(Whole, setting), StringComparison.Ordinal);

    [HelmTheory]
    [InlineData("redis.existingSecret=", "redis: give existingSecret or connectionString")]
    [InlineData("postgres.existingSecret=", "postgres: give existingSecret or connectionStrings")]
    [InlineData("keys.existingSecret=", "keys.existingSecret: name the Secret")]
    [InlineData("tls.existingSecret=", "tls: choose one of existingSecret, certManager.enabled and plainText")]
    [InlineData("tls.plainText=true", "tls: choose one of existingSecret, certManager.enabled and plainText")]
    [InlineData("ingress.enabled=true", "ingress.hosts: name at least one host")]
    [InlineData(
        "ingress.enabled=true,ingress.hosts={code.example.org}",
        "ingress.tlsSecret: name a TLS Secret; tokens and codes would travel in the clear"
    )]
    [InlineData(
        "ingress.enabled=true,ingress.hosts={code.example.org},ingress.tlsSecret=a,ingress.allowPlainHttp=true",
        "choose one"
    )]
    [InlineData(
        "silo.autoscaling.enabled=true,silo.autoscaling.maxReplicas=2",
        "silo.autoscaling: maxReplicas is below minReplicas"
    )]
    [InlineData(
        "gateway.autoscaling.enabled=true,gateway.autoscaling.cpuPercent=0",
        "gateway.autoscaling: nothing to scale by"
    )]
    [InlineData(
        "gateway.autoscaling.enabled=true,gateway.resources.requests.cpu=null",
        "gateway.autoscaling: cpuPercent is a share of"
    )]
    [InlineData("silo.replicas=1", "silo.disruption: maxUnavailable must leave some")]
    [InlineData(
        "gateway.autoscaling.enabled=true,gateway.disruption.maxUnavailable=3",
        "gateway.disruption: maxUnavailable must leave some"
    )]
    public void Values_that_go_together_badly_are_refused_with_a_reason(string settings, string reason) =>
        Assert.Contains(reason, Helm.Refusal(Whole, settings), StringComparison.Ordinal);

    [HelmFact]
    public void An_ingress_without_TLS_is_rendered_where_it_is_asked_for() =>
        Assert.False(
            Helm.Render(Whole, "ingress.enabled=true,ingress.hosts={code.example.org},ingress.allowPlainHttp=true")
                .One("Ingress")["spec"]["tls"]
                .Exists
        );

    [HelmFact]
    public void The_programs_can_read_the_key_ring_of_a_trial()
    {
        using var folder = new TemporaryFolder();
        var ring = Helm.Render("trial-values.yaml").One("Secret", "-keys")["data"]["ring.json"].Text!;
        var keys = Directory.CreateDirectory(Path.Combine(folder.Path, "keys"));
        var file = Path.Combine(keys.FullName, "ring.json");
        File.WriteAllBytes(file, Convert.FromBase64String(ring));
        // As the chart mounts it.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        var read = KeyRing.Open(folder.Path, TimeProvider.System);

        Assert.All(Enum.GetValues<KeyPurpose>(), purpose => Assert.Equal(1, read.Active(purpose).Id));
        Assert.Equal(
            4,
            Enum.GetValues<KeyPurpose>()
                .Select(purpose => Convert.ToHexString(read.Active(purpose).Secret))
                .Distinct()
                .Count()
        );
    }

    [Fact]
    public void Every_value_has_a_rule_and_every_rule_a_value()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Helm.Chart, "values.schema.json")));
        var values = Manifests.Parse(File.ReadAllText(Path.Combine(Helm.Chart, "values.yaml"))).Objects.Single();
        Compare("", values, schema.RootElement, schema.RootElement);
    }

    private static void Compare(string at, Yaml values, JsonElement rule, JsonElement schema)
    {
        while (rule.TryGetProperty("$ref", out var reference))
            rule = schema.GetProperty("definitions").GetProperty(reference.GetString()!["#/definitions/".Length..]);
        // Settings of the programs are optional, labels are free.
        if (
            !rule.TryGetProperty("properties", out var properties)
            || !rule.TryGetProperty("required", out _)
            || at == ".settings"
        )
            return;
        Assert.False(rule.GetProperty("additionalProperties").GetBoolean(), at);
        var known = properties
            .EnumerateObject()
            .Select(each => each.Name)
            .Where(each => $"{at}.{each}" != ".global")
            .Order();
        Assert.Equal(known, values.Entries.Select(each => each.Key).Order());
        foreach (var (key, value) in values.Entries)
            Compare($"{at}.{key}", value, properties.GetProperty(key), schema);
    }
}
