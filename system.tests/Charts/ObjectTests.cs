using System.Globalization;
using Grid.Tests.Fixtures;
using Grid.Tests.Tidy;

namespace Grid.Tests.Charts;

/// <summary>References between the chart's objects: whatever names, selects or bounds an object finds it.</summary>
public sealed class ObjectTests
{
    public static TheoryData<string> Values => new(Helm.Values);

    [HelmTheory, MemberData(nameof(Values))]
    public void Names_are_unique_and_short_enough(string values)
    {
        var names = Helm.Render(values).Objects.Select(each => $"{each["kind"].Text}/{each.Name}").ToArray();
        Assert.Equal(names.Distinct(), names);
        Assert.All(Helm.Render(values).Objects, each => Assert.InRange(each.Name.Length, 1, 63));
        Assert.All(Helm.Render(values).Objects, each =>
            Assert.Equal(Helm.Release, each["metadata"]["labels"]["app.kubernetes.io/instance"].Text)
        );
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void Every_selector_finds_the_pods_of_one_tier(string values)
    {
        var made = Helm.Render(values);
        var pods = made.Pods().Select(each => each.Pod["metadata"]["labels"].Labels).ToArray();
        var selectors =
            from each in made.Objects
            let spec = each["spec"]
            let selector = each["kind"].Text switch
            {
                "Service" => spec["selector"],
                "StatefulSet" or "Deployment" or "PodDisruptionBudget" => spec["selector"]["matchLabels"],
                "NetworkPolicy" when !each.Name.EndsWith("-none", StringComparison.Ordinal) && HasPods(made, each) =>
                    spec["podSelector"]["matchLabels"],
                _ => default,
            }
            where selector.Exists
            select (each.Name, selector.Labels);
        Assert.NotEmpty(selectors);
        Assert.All(selectors, each => Assert.Single(pods, pod => Matches(pod, each.Labels)));
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void A_service_leads_to_ports_that_its_pods_open(string values)
    {
        var made = Helm.Render(values);
        foreach (var service in made.Of("Service"))
        {
            var pod = made.Pods()
                .Single(each => Matches(each.Pod["metadata"]["labels"].Labels, service["spec"]["selector"].Labels))
                .Pod;
            var open = PodTests
                .Containers(pod)
                .SelectMany(each => each["ports"].Items)
                .Select(each => each["name"].Text)
                .ToArray();
            Assert.All(service["spec"]["ports"].Items, port => Assert.Contains(port["targetPort"].Text, open));
        }

        var silos = made.One("StatefulSet", "-silo");
        var headless = made.Of("Service").Single(each => each.Name == silos["spec"]["serviceName"].Text);
        Assert.Equal("None", headless["spec"]["clusterIP"].Text);
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void A_disruption_leaves_some_pods(string values)
    {
        var made = Helm.Render(values);
        foreach (var budget in made.Of("PodDisruptionBudget"))
        {
            var owner = made.Objects.Single(each =>
                each["kind"].Text is "StatefulSet" or "Deployment" && each.Name == budget.Name
            );
            var fewest = FewestOf(made, owner);
            var allowed = budget["spec"]["maxUnavailable"].Text!;
            // The API rounds a percentage up.
            var gone = allowed.EndsWith('%')
                ? (int)Math.Ceiling(fewest * int.Parse(allowed.TrimEnd('%'), CultureInfo.InvariantCulture) / 100.0)
                : int.Parse(allowed, CultureInfo.InvariantCulture);
            Assert.InRange(gone, 1, fewest - 1);
        }
    }

    [HelmFact]
    public void A_scaled_object_exists_and_has_no_replica_count()
    {
        var made = Helm.Render("city-values.yaml");
        var scalers = made.Of("HorizontalPodAutoscaler").ToArray();
        Assert.Equal(2, scalers.Length);
        foreach (var scaler in scalers)
        {
            var target = scaler["spec"]["scaleTargetRef"];
            var owner = made.Of(target["kind"].Text!).Single(each => each.Name == target["name"].Text);
            Assert.Equal(owner["apiVersion"].Text, target["apiVersion"].Text);
            Assert.False(owner["spec"]["replicas"].Exists, owner.Name);
            Assert.True(scaler["spec"]["minReplicas"].Int < scaler["spec"]["maxReplicas"].Int);
            Assert.Equal(["Resource", "Pods"], scaler["spec"]["metrics"].Items.Select(each => each["type"].Text));
            // The percentage of a missing request cannot be computed.
            Assert.All(owner["spec"]["template"]["spec"]["containers"].Items, each =>
                Assert.True(each["resources"]["requests"]["cpu"].Exists)
            );
            Assert.True(
                scaler["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"].Int
                    > scaler["spec"]["behavior"]["scaleUp"]["stabilizationWindowSeconds"].Int
            );
        }
    }

    [HelmFact]
    public void Without_scaling_the_values_set_the_replica_count()
    {
        var made = Helm.Render("connection-strings-values.yaml");
        Assert.Empty(made.Of("HorizontalPodAutoscaler"));
        Assert.Equal(3, made.One("StatefulSet")["spec"]["replicas"].Int);
        Assert.Equal(2, made.One("Deployment")["spec"]["replicas"].Int);
    }

    [HelmFact]
    public void The_ingress_routes_every_call_and_no_probe_or_metrics()
    {
        var made = Helm.Render("city-values.yaml");
        var ingress = made.One("Ingress");
        Assert.Equal("code-tls", Assert.Single(ingress["spec"]["tls"].Items)["secretName"].Text);
        Assert.Equal(
            ["code.example.org", "doors.example.org"],
            ingress["spec"]["rules"].Items.Select(each => each["host"].Text)
        );
        foreach (var rule in ingress["spec"]["rules"].Items)
        {
            var paths = rule["http"]["paths"].Items.ToArray();
            foreach (var path in paths)
            {
                var service = made.Of("Service").Single(each => each.Name == path["backend"]["service"]["name"].Text);
                Assert.Contains(service["spec"]["ports"].Items, port =>
                    port["name"].Text == path["backend"]["service"]["port"]["name"].Text
                );
            }

            bool Leads(string to) =>
                paths.Any(path =>
                    path["pathType"].Text == "Exact"
                        ? path["path"].Text == to
                        : to == path["path"].Text || to.StartsWith(path["path"].Text + "/", StringComparison.Ordinal)
                );
            var page = Directory
                .EnumerateFiles(Path.Combine(SourceTree.Root, "gateway", "wwwroot"))
                .Select(Path.GetFileName)
                .Select(name => name == "index.html" ? "/" : $"/{name}");
            Assert.All(page, each => Assert.True(Leads(each), each));
            Assert.All(
                [
                    "/v1/me/code",
                    "/v1/scans",
                    "/v1/results",
                    "/fhir/R4/Bundle",
                    "/.well-known/grid-keys",
                    "/openapi/v1.json",
                ],
                each => Assert.True(Leads(each), each)
            );
            Assert.All(["/metrics", "/livez", "/readyz"], each => Assert.False(Leads(each), each));
        }
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void No_config_map_or_pod_contains_a_secret(string values)
    {
        var made = Helm.Render(values);
        var open = made
            .Objects.Where(each => each["kind"].Text != "Secret")
            .SelectMany(each => each.All)
            .Select(each => each.Text ?? "")
            .ToArray();
        Assert.DoesNotContain(open, text => text.Contains("not-in-a-config-map", StringComparison.Ordinal));
        Assert.DoesNotContain(open, text => text.Contains("Password=", StringComparison.OrdinalIgnoreCase));
        foreach (var (_, pod) in made.Pods())
        {
            foreach (var variable in PodTests.Containers(pod).SelectMany(each => each["env"].Items))
            {
                var secret =
                    variable["name"].Text is "Grid__Cluster__Redis" or "POSTGRES_PASSWORD"
                    || variable["name"].Text!.StartsWith("Grid__Postgres__", StringComparison.Ordinal);
                Assert.True(secret == variable["valueFrom"]["secretKeyRef"].Exists, variable.ToString());
            }
        }
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void A_secret_that_a_pod_references_exists_with_its_key(string values)
    {
        var made = Helm.Render(values);
        var secrets = made.Of("Secret")
            .ToDictionary(
                each => each.Name,
                each => each["data"].Entries.Concat(each["stringData"].Entries).Select(key => key.Key).ToHashSet()
            );
        // The Secrets that cert-manager creates.
        foreach (var certificate in made.Of("Certificate"))
            secrets.Add(certificate["spec"]["secretName"].Text!, ["tls.crt", "tls.key", "ca.crt"]);
        foreach (var (owner, pod) in made.Pods())
        {
            var named = PodTests
                .Containers(pod)
                .SelectMany(each => each["env"].Items)
                .Select(each => each["valueFrom"]["secretKeyRef"])
                .Where(each => each.Exists)
                .Select(each => (Name: each["name"].Text!, Key: each["key"].Text!))
                .Concat(
                    pod["spec"]
                        ["volumes"]
                        .Items.Where(each => each["secret"].Exists)
                        .SelectMany(each =>
                            each["secret"]
                                ["items"]
                                .Items.Select(item =>
                                    (Name: each["secret"]["secretName"].Text!, Key: item["key"].Text!)
                                )
                        )
                );
            foreach (var (name, key) in named)
                Assert.True(
                    name is "grid-connections" or "grid-keys" or "grid-tls" || secrets[name].Contains(key),
                    $"{owner.Name}: {name}/{key}"
                );
        }
    }

    [HelmFact]
    public void The_migration_runs_first_and_includes_its_dependencies()
    {
        var made = Helm.Render("connection-strings-values.yaml");
        var job = made.One("Job", "-migrate");
        var container = Assert.Single(job["spec"]["template"]["spec"]["containers"].Items);
        Assert.Equal(["migrate"], container["args"].Items.Select(each => each.Text));
        Assert.Equal("pre-install,pre-upgrade", job["metadata"]["annotations"]["helm.sh/hook"].Text);
        Assert.False(container["envFrom"].Exists, "the config map does not exist yet");
        Assert.False(job["spec"]["template"]["spec"]["serviceAccountName"].Exists, "the account does not exist yet");
        var secret = made.One("Secret", "-migrate");
        Assert.Equal("pre-install,pre-upgrade", secret["metadata"]["annotations"]["helm.sh/hook"].Text);
        Assert.True(
            int.Parse(secret["metadata"]["annotations"]["helm.sh/hook-weight"].Text!, CultureInfo.InvariantCulture)
                < int.Parse(job["metadata"]["annotations"]["helm.sh/hook-weight"].Text!, CultureInfo.InvariantCulture)
        );
        // All is the only role that starts without Redis.
        Assert.Equal("All", PodTests.EnvironmentOf(container)["Grid__Role"]["value"].Text);
        // The same settings and databases as the silos.
        var settings = made.One("ConfigMap")["data"].Labels;
        var env = PodTests.EnvironmentOf(container);
        Assert.All(settings, each => Assert.Equal(each.Value, env[each.Key]["value"].Text));
        var silo = PodTests.EnvironmentOf(
            made.One("StatefulSet")["spec"]["template"]["spec"]["containers"].Items.Single()
        );
        Assert.Equal(silo.Keys.Where(IsDatabase), env.Keys.Where(IsDatabase));
        Assert.Equal(2, env.Keys.Count(IsDatabase));
    }

    [HelmFact]
    public void A_setting_is_passed_on_unchanged()
    {
        Assert.Equal(
            "0.01",
            Helm.Render("city-values.yaml").One("ConfigMap", "city-grid")["data"]["Grid__Telemetry__TraceRatio"].Text
        );
        var settings = Helm.Render("connection-strings-values.yaml").One("ConfigMap")["data"].Labels;
        Assert.Equal("17179869184", settings["Grid__Gateway__ImportBytesMax"]);
        Assert.Equal("false", settings["Grid__Silo__Preload"]);
        Assert.Equal("2.00:00:00", settings["Grid__Silo__ResidentAge"]);
    }

    [HelmFact]
    public void Prometheus_finds_the_metrics_of_both_tiers()
    {
        var made = Helm.Render("city-values.yaml");
        foreach (var tier in new[] { "silo", "gateway" })
        {
            var monitor = made.One("ServiceMonitor", $"-{tier}");
            Assert.Equal("prometheus", monitor["metadata"]["labels"]["release"].Text);
            var service = Assert.Single(made.Of("Service"), each =>
                Matches(each["metadata"]["labels"].Labels, monitor["spec"]["selector"]["matchLabels"].Labels)
            );
            var endpoint = Assert.Single(monitor["spec"]["endpoints"].Items);
            Assert.Equal("/metrics", endpoint["path"].Text);
            Assert.Contains(service["spec"]["ports"].Items, port => port["name"].Text == endpoint["port"].Text);
            Assert.Contains(endpoint["relabelings"].Items, each =>
                each["targetLabel"].Text == "tier" && each["replacement"].Text == tier
            );
        }
    }

    /// <summary>The lowest number of pods that an owner requests.</summary>
    private static int FewestOf(Manifests made, Yaml owner) =>
        owner["spec"]["replicas"].Exists
            ? owner["spec"]["replicas"].Int
            : made.Of("HorizontalPodAutoscaler")
                .Single(each => each["spec"]["scaleTargetRef"]["name"].Text == owner.Name)["spec"]["minReplicas"]
                .Int;

    // In a trial the migration is part of the silo's pod.
    private static bool HasPods(Manifests made, Yaml policy) =>
        !policy.Name.EndsWith("-migrate", StringComparison.Ordinal) || made.Of("Job").Any();

    private static bool IsDatabase(string variable) =>
        variable.StartsWith("Grid__Postgres__", StringComparison.Ordinal);

    private static bool Matches(Dictionary<string, string> labels, Dictionary<string, string> selector) =>
        selector.All(each => labels.TryGetValue(each.Key, out var value) && value == each.Value);
}
