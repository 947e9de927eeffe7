using Grid.Tests.Fixtures;

namespace Grid.Tests.Charts;

/// <summary>Properties of every pod, for all values.</summary>
public sealed class PodTests
{
    public static TheoryData<string> Values => new(Helm.Values);

    [HelmTheory, MemberData(nameof(Values))]
    public void No_process_is_root_or_can_become_it(string values) => Each(values, static (owner, pod, container) =>
        {
            Assert.True(pod["securityContext"]["runAsNonRoot"].IsTrue, owner);
            Assert.InRange(pod["securityContext"]["runAsUser"].Int, 1, int.MaxValue);
            Assert.Equal("RuntimeDefault", pod["securityContext"]["seccompProfile"]["type"].Text);
            var security = container["securityContext"];
            Assert.True(security["runAsNonRoot"].IsTrue, owner);
            Assert.Equal(pod["securityContext"]["runAsUser"].Text, security["runAsUser"].Text);
            Assert.True(security["allowPrivilegeEscalation"].IsFalse, owner);
            Assert.True(security["readOnlyRootFilesystem"].IsTrue, owner);
            Assert.Equal(["ALL"], security["capabilities"]["drop"].Items.Select(each => each.Text));
            Assert.False(security["capabilities"]["add"].Exists, owner);
            foreach (var reach in new[] { "hostNetwork", "hostPID", "hostIPC" })
                Assert.False(pod[reach].Exists, owner);
        });

    [HelmTheory, MemberData(nameof(Values))]
    public void Writes_go_to_volumes_that_end_with_the_pod(string values) =>
        Each(values, static (owner, pod, container) =>
        {
            foreach (var mount in container["volumeMounts"].Items)
            {
                var volume = pod["volumes"].Named(mount["name"].Text!);
                Assert.True(volume.Exists, $"{owner}: {mount}");
                Assert.True(
                    volume["emptyDir"].Exists || (volume["secret"].Exists && mount["readOnly"].IsTrue),
                    $"{owner}: {mount}"
                );
            }

            Assert.Contains(container["volumeMounts"].Items, each => each["mountPath"].Text == "/tmp");
        });

    [HelmFact]
    public void A_gateway_can_have_a_ring_without_the_keys_that_open_names()
    {
        var rendered = Helm.Render("city-values.yaml", "keys.gatewaySecret=gateway-ring");
        foreach (var (owner, pod) in rendered.Pods())
        {
            var ring = pod["spec"]["volumes"].Named("keys")["secret"]["secretName"].Text;
            Assert.Equal(owner.Name.EndsWith("-gateway", StringComparison.Ordinal), ring == "gateway-ring");
        }
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void No_pod_gets_a_service_account_token(string values)
    {
        foreach (var (owner, pod) in Helm.Render(values).Pods())
            Assert.True(pod["spec"]["automountServiceAccountToken"].IsFalse, owner.Name);
        Assert.All(Helm.Render(values).Of("ServiceAccount"), each =>
            Assert.True(each["automountServiceAccountToken"].IsFalse, each.Name)
        );
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void Liveness_checks_the_process_alone_and_readiness_whether_to_send_requests(string values)
    {
        foreach (var (owner, container) in Tiers(values))
        {
            Assert.Equal("/livez", container["livenessProbe"]["httpGet"]["path"].Text);
            Assert.Equal("/livez", container["startupProbe"]["httpGet"]["path"].Text);
            Assert.Equal("/readyz", container["readinessProbe"]["httpGet"]["path"].Text);
            foreach (var probe in new[] { "livenessProbe", "startupProbe", "readinessProbe" })
                Assert.Contains(container["ports"].Items, port =>
                    port["name"].Text == container[probe]["httpGet"]["port"].Text
                );
            var start = container["startupProbe"];
            var allowed = start["periodSeconds"].Int * start["failureThreshold"].Int;
            Assert.InRange(
                allowed,
                ValueOf(values, owner, "startupSeconds"),
                ValueOf(values, owner, "startupSeconds") + start["periodSeconds"].Int
            );
        }
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void The_grace_period_is_longer_than_leaving_and_draining(string values)
    {
        foreach (var (owner, container) in Tiers(values))
        {
            var leave = container["lifecycle"]["preStop"]["sleep"]["seconds"].Int;
            var drain = int.Parse(
                EnvironmentOf(container)["DOTNET_shutdownTimeoutSeconds"]["value"].Text!,
                System.Globalization.CultureInfo.InvariantCulture
            );
            Assert.True(leave > 0 && drain > 0, owner.Name);
            Assert.True(
                owner["spec"]["template"]["spec"]["terminationGracePeriodSeconds"].Int > leave + drain,
                owner.Name
            );
        }
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void A_container_requests_resources_and_limits_its_memory(string values) =>
        Each(values, static (owner, _, container) =>
        {
            Assert.True(container["resources"]["requests"]["cpu"].Exists, owner);
            Assert.True(container["resources"]["requests"]["memory"].Exists, owner);
            Assert.True(container["resources"]["limits"]["memory"].Exists, owner);
            Assert.False(container["resources"]["limits"]["cpu"].Exists, $"{owner}: throttling is latency");
        });

    [HelmTheory, MemberData(nameof(Values))]
    public void An_image_has_a_version_or_a_digest(string values) => Each(values, static (owner, _, container) =>
        {
            var image = container["image"].Text!;
            Assert.Matches("^[a-z0-9./-]+(:[0-9][A-Za-z0-9.-]*|@sha256:[0-9a-f]{64})$", image);
            Assert.DoesNotContain("latest", image, StringComparison.Ordinal);
            Assert.True(container["imagePullPolicy"].Exists, owner);
        });

    [HelmTheory, MemberData(nameof(Values))]
    public void Pods_are_spread_over_machines_and_zones(string values)
    {
        foreach (var (owner, _) in Tiers(values))
        {
            var pod = owner["spec"]["template"];
            var spread = pod["spec"]["topologySpreadConstraints"].Items.ToArray();
            Assert.Equal(
                ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
                spread.Select(each => each["topologyKey"].Text)
            );
            Assert.All(spread, each => Assert.Equal(1, each["maxSkew"].Int));
            Assert.All(spread, each =>
                Assert.Equal(
                    owner["spec"]["selector"]["matchLabels"].Labels,
                    each["labelSelector"]["matchLabels"].Labels
                )
            );
        }
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void Values_that_Kubernetes_reads_as_text_are_quoted(string values)
    {
        foreach (var (owner, pod) in Helm.Render(values).Pods())
        {
            foreach (var container in Containers(pod))
                Assert.All(container["env"].Items.Where(each => each["value"].Exists), each =>
                    Assert.True(each["value"].IsText, $"{owner.Name}: {each}")
                );
        }

        foreach (var made in Helm.Render(values).Objects)
        {
            foreach (
                var map in new[]
                {
                    made["metadata"]["labels"],
                    made["metadata"]["annotations"],
                    made["data"],
                    made["stringData"],
                }
            )
                Assert.All(map.Entries, each => Assert.True(each.Value.IsText, $"{made.Name}: {each}"));
        }
    }

    [HelmTheory, MemberData(nameof(Values))]
    public void A_member_states_its_role_and_its_address(string values)
    {
        foreach (var (owner, container) in Tiers(values))
        {
            var env = EnvironmentOf(container);
            var role =
                owner["kind"].Text == "StatefulSet" ? "Silo"
                : values == "connection-strings-values.yaml" ? "Client"
                : "Gateway";
            Assert.Equal(role, env["Grid__Role"]["value"].Text);
            Assert.Equal("redis", env["Grid__Cluster__Redis"]["valueFrom"]["secretKeyRef"]["key"].Text);
            var ports = container["ports"]
                .Items.ToDictionary(each => each["name"].Text!, each => each["containerPort"].Text!);
            // A client opens no port; silos open a port for clients only if there are some.
            Assert.Equal(role != "Client", ports.ContainsKey("silo"));
            Assert.Equal(role == "Silo" && values == "connection-strings-values.yaml", ports.ContainsKey("client"));
            Assert.Equal(
                ports.GetValueOrDefault("silo"),
                env.GetValueOrDefault("Grid__Cluster__SiloPort")["value"].Text
            );
            Assert.Equal(
                ports.GetValueOrDefault("client"),
                env.GetValueOrDefault("Grid__Cluster__ClientPort")["value"].Text
            );
            Assert.Equal(
                role == "Client" ? null : "status.podIP",
                env.GetValueOrDefault("Grid__Cluster__Address")["valueFrom"]["fieldRef"]["fieldPath"].Text
            );
        }
    }

    [HelmTheory]
    [InlineData("city-values.yaml", "city-grid-members")]
    [InlineData("existing-secrets-values.yaml", "grid-tls")]
    [InlineData("connection-strings-values.yaml", null)]
    [InlineData("trial-values.yaml", null)]
    public void A_member_has_a_certificate_or_states_that_it_uses_plain_text(string values, string? secret)
    {
        var made = Helm.Render(values);
        foreach (var owner in new[] { made.One("StatefulSet", "-silo"), made.One("Deployment", "-gateway") })
        {
            var pod = owner["spec"]["template"]["spec"];
            var env = EnvironmentOf(Assert.Single(pod["containers"].Items));
            var volume = pod["volumes"].Named("tls");
            Assert.Equal(secret, volume["secret"]["secretName"].Text);
            Assert.Equal(
                secret is null ? "true" : null,
                env.GetValueOrDefault("Grid__Cluster__Tls__Off")["value"].Text
            );
            foreach (
                var (name, file) in new[] { ("Certificate", "tls.crt"), ("Key", "tls.key"), ("Authority", "ca.crt") }
            )
            {
                Assert.Equal(
                    secret is null ? null : $"/etc/grid/tls/{file}",
                    env.GetValueOrDefault($"Grid__Cluster__Tls__{name}")["value"].Text
                );
                Assert.Equal(
                    secret is not null,
                    volume["secret"]["items"].Items.Any(each => each["path"].Text == file)
                );
            }
        }
    }

    [HelmFact]
    public void Each_release_has_its_own_certificate_authority()
    {
        var made = Helm.Render("city-values.yaml");
        var member = made.One("Certificate", "-members")["spec"];
        var issuer = made.One("Issuer", "-members");
        var authority = made.One("Certificate", "-authority")["spec"];
        Assert.Equal((issuer.Name, "Issuer"), (member["issuerRef"]["name"].Text, member["issuerRef"]["kind"].Text));
        Assert.Equal(authority["secretName"].Text, issuer["spec"]["ca"]["secretName"].Text);
        Assert.True(authority["isCA"].IsTrue);
        Assert.False(member["isCA"].Exists);
        // Each member is server and client of the others.
        Assert.Contains("server auth", member["usages"].Items.Select(each => each.Text));
        Assert.Contains("client auth", member["usages"].Items.Select(each => each.Text));
    }

    [HelmFact]
    public void Changed_settings_restart_the_pods()
    {
        string Sum(params string[] settings) =>
            Helm.Render("existing-secrets-values.yaml", settings)
                .One("StatefulSet", "-silo")["spec"]["template"]["metadata"]["annotations"]["checksum/settings"]
                .Text!;

        Assert.NotEqual(Sum("settings.Cluster.Id=a"), Sum("settings.Cluster.Id=b"));
        Assert.Equal(Sum("silo.replicas=4"), Sum("silo.replicas=5"));
    }

    internal static IEnumerable<Yaml> Containers(Yaml pod) =>
        pod["spec"]["initContainers"].Items.Concat(pod["spec"]["containers"].Items);

    internal static Dictionary<string, Yaml> EnvironmentOf(Yaml container) =>
        container["env"].Items.ToDictionary(each => each["name"].Text!);

    private static IEnumerable<(Yaml Owner, Yaml Container)> Tiers(string values)
    {
        var made = Helm.Render(values);
        foreach (var owner in new[] { made.One("StatefulSet", "-silo"), made.One("Deployment", "-gateway") })
            yield return (owner, Assert.Single(owner["spec"]["template"]["spec"]["containers"].Items));
    }

    private static int ValueOf(string values, Yaml owner, string name)
    {
        var tier = owner["kind"].Text == "StatefulSet" ? "silo" : "gateway";
        var given = Manifests.Parse(File.ReadAllText(Path.Combine(Helm.Chart, "ci", values))).Objects[0][tier][name];
        return given.Exists
            ? given.Int
            : Manifests.Parse(File.ReadAllText(Path.Combine(Helm.Chart, "values.yaml"))).Objects[0][tier][name].Int;
    }

    private static void Each(string values, Action<string, Yaml, Yaml> check)
    {
        var pods = Helm.Render(values).Pods().ToArray();
        Assert.NotEmpty(pods);
        foreach (var (owner, pod) in pods)
        {
            var containers = Containers(pod).ToArray();
            Assert.NotEmpty(containers);
            foreach (var container in containers)
                check($"{owner.Name}/{container["name"].Text}", pod["spec"], container);
        }
    }
}
