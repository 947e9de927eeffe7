using Grid.Tests.Fixtures;

namespace Grid.Tests.Charts;

/// <summary>Each pod may talk to what it needs, and no omission opens a path.</summary>
public sealed class NetworkPolicyTests
{
    public static TheoryData<string> Guarded =>
        new(Helm.Values.Where(each => each != "connection-strings-values.yaml"));

    [HelmTheory, MemberData(nameof(Guarded))]
    public void Traffic_without_a_policy_is_refused_for_every_pod(string values)
    {
        var made = Helm.Render(values);
        var none = made.One("NetworkPolicy", "-none")["spec"];
        Assert.Equal(["Ingress", "Egress"], none["policyTypes"].Items.Select(each => each.Text));
        Assert.False(none["ingress"].Exists || none["egress"].Exists);
        foreach (var (owner, pod) in made.Pods())
            Assert.True(Selects(none["podSelector"], pod), owner.Name);
    }

    [HelmTheory, MemberData(nameof(Guarded))]
    public void A_port_is_open_to_named_callers_only(string values)
    {
        var rules = Helm.Render(values).Of("NetworkPolicy").SelectMany(each => each["spec"]["ingress"].Items).ToArray();
        Assert.NotEmpty(rules);
        Assert.All(rules, rule => Assert.NotEmpty(rule["from"].Items));
        Assert.All(rules, rule => Assert.NotEmpty(rule["ports"].Items));
        Assert.All(rules.SelectMany(each => each["from"].Items).SelectMany(each => each.Entries), each =>
            Assert.NotEmpty(each.Value.Entries)
        );
    }

    [HelmTheory, MemberData(nameof(Guarded))]
    public void Every_port_of_a_pod_is_open_to_a_caller(string values)
    {
        var made = Helm.Render(values);
        foreach (var (owner, pod) in made.Pods())
        {
            var open = PoliciesOf(made, pod)
                .SelectMany(each => each["spec"]["ingress"].Items)
                .SelectMany(each => each["ports"].Items)
                .Select(each => each["port"].Text)
                .ToArray();
            foreach (var port in PodTests.Containers(pod).SelectMany(each => each["ports"].Items))
                Assert.True(open.Contains(port["name"].Text), $"{owner.Name}: {port["name"].Text}");
        }
    }

    [HelmTheory, MemberData(nameof(Guarded))]
    public void A_tier_reaches_its_dependencies_and_no_more(string values)
    {
        var made = Helm.Render(values);
        var (redis, postgres) = values == "city-values.yaml" ? ("6380", "6432") : ("6379", "5432");
        string[] collector = values == "city-values.yaml" ? ["4317"] : [];
        Assert.Equal(
            collector.Concat(["11111", "11112", "53", redis]).Order(),
            ReachedBy(made, made.One("Deployment", "-gateway")["spec"]["template"])
        );
        Assert.Equal(
            collector.Concat(["11111", "11112", "53", postgres, redis]).Order(),
            ReachedBy(made, made.One("StatefulSet", "-silo")["spec"]["template"])
        );
        foreach (var job in made.Of("Job"))
            Assert.Equal(new[] { "53", postgres }.Order(), ReachedBy(made, job["spec"]["template"]));
    }

    [HelmTheory, MemberData(nameof(Guarded))]
    public void Every_member_reaches_every_member(string values)
    {
        var made = Helm.Render(values);
        foreach (var tier in new[] { "gateway", "silo" })
        {
            var policy = made.One("NetworkPolicy", $"-{tier}")["spec"];
            Assert.Equal("gateway silo", TiersOf(policy["egress"], "to", "11111"));
            Assert.Equal("gateway silo", TiersOf(policy["ingress"], "from", "silo"));
            Assert.Equal("gateway silo", TiersOf(policy["egress"], "to", "11112"));
            Assert.Equal("gateway silo", TiersOf(policy["ingress"], "from", "watch"));
        }

        static string TiersOf(Yaml rules, string peers, string port) =>
            string.Join(
                ' ',
                rules
                    .Items.Where(rule => rule["ports"].Items.Any(each => each["port"].Text == port))
                    .SelectMany(rule => rule[peers].Items)
                    .Select(peer => peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"].Text)
                    .Order()
            );
    }

    [HelmFact]
    public void A_gateway_that_is_a_client_reaches_the_port_for_clients_alone()
    {
        var made = Helm.Render("existing-secrets-values.yaml", "gateway.role=Client");
        Assert.Equal(
            new[] { "30000", "53", "6379" }.Order(),
            ReachedBy(made, made.One("Deployment", "-gateway")["spec"]["template"])
        );
        var silo = made.One("NetworkPolicy", "-silo")["spec"]["ingress"]
            .Items.ToDictionary(
                rule => string.Join(' ', rule["ports"].Items.Select(each => each["port"].Text)),
                rule =>
                    string.Join(
                        ' ',
                        rule["from"]
                            .Items.Select(each =>
                                each["podSelector"]["matchLabels"]["app.kubernetes.io/component"].Text
                            )
                    )
            );
        Assert.Equal("gateway", silo["client"]);
        Assert.Equal("silo", silo["silo watch"]);
        AssertHeard(made);
    }

    [HelmTheory, MemberData(nameof(Guarded))]
    public void Egress_of_one_tier_matches_ingress_of_the_other(string values) => AssertHeard(Helm.Render(values));

    private static void AssertHeard(Manifests made)
    {
        foreach (var (owner, pod) in made.Pods())
        {
            foreach (var rule in PoliciesOf(made, pod).SelectMany(each => each["spec"]["egress"].Items))
            {
                foreach (
                    var (peer, number) in from each in rule["to"].Items
                    where each["podSelector"].Exists
                    from open in rule["ports"].Items
                    select (each, open["port"].Text)
                )
                {
                    var target = Assert.Single(made.Pods(), each => Selects(peer["podSelector"], each.Pod)).Pod;
                    var port = PodTests
                        .Containers(target)
                        .SelectMany(each => each["ports"].Items)
                        .Single(each => each["containerPort"].Text == number)["name"]
                        .Text;
                    Assert.True(
                        PoliciesOf(made, target)
                            .SelectMany(each => each["spec"]["ingress"].Items)
                            .Any(each =>
                                each["ports"].Items.Any(open => open["port"].Text == port)
                                && each["from"]
                                    .Items.Any(from => from["podSelector"].Exists && Selects(from["podSelector"], pod))
                            ),
                        $"{owner.Name} to {port}"
                    );
                }
            }
        }
    }

    [HelmFact]
    public void An_empty_list_of_callers_admits_nobody()
    {
        using var folder = new TemporaryFolder();
        var closed = Path.Combine(folder.Path, "closed.yaml");
        File.WriteAllText(closed, "dev: {enabled: true}\nnetworkPolicy: {gatewayFrom: [], monitoringFrom: []}\n");
        var made = Helm.Render(closed);
        foreach (var tier in new[] { "-gateway", "-silo" })
        {
            var ingress = made.One("NetworkPolicy", tier)["spec"]["ingress"].Items;
            Assert.DoesNotContain(ingress, each => each["ports"].Items.Any(port => port["port"].Text == "http"));
        }
    }

    private static IEnumerable<Yaml> PoliciesOf(Manifests made, Yaml pod) =>
        made.Of("NetworkPolicy").Where(each => Selects(each["spec"]["podSelector"], pod));

    private static IEnumerable<string?> ReachedBy(Manifests made, Yaml pod) =>
        PoliciesOf(made, pod)
            .SelectMany(each => each["spec"]["egress"].Items)
            .SelectMany(each => each["ports"].Items)
            .Select(each => each["port"].Text)
            .Distinct()
            .Order();

    private static bool Selects(Yaml selector, Yaml pod)
    {
        var labels = pod["metadata"]["labels"].Labels;
        return selector["matchLabels"]
            .Entries.All(each => labels.TryGetValue(each.Key, out var value) && value == each.Value.Text);
    }
}
