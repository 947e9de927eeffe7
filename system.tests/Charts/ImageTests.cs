using System.Text.RegularExpressions;
using System.Xml.Linq;
using Grid.Tests.Fixtures;
using Grid.Tests.Tidy;

namespace Grid.Tests.Charts;

/// <summary>
/// The Dockerfiles, as far as they can be checked without a build: they copy what the projects need, run without root,
/// and agree with the chart.
/// </summary>
public sealed class ImageTests
{
    [Theory]
    [InlineData("silo", "Grid.Silo")]
    [InlineData("gateway", "Grid.Gateway")]
    public void An_image_publishes_its_program_ready_to_run(string folder, string program)
    {
        var text = Dockerfile(folder);
        Assert.Contains("-p:PublishReadyToRun=true", text, StringComparison.Ordinal);
        Assert.Contains(
            $"dotnet publish {folder}/{program}.csproj --configuration Release",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains($"ENTRYPOINT [\"dotnet\", \"/app/{program}.dll\"]", text, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(SourceTree.Root, folder, $"{program}.csproj")));
        Assert.All(
            Regex.Matches(text, "(?m)^FROM (?:--platform=\\S+ )?(\\S+)").Select(each => each.Groups[1].Value),
            image =>
            {
                Assert.Contains(":", image, StringComparison.Ordinal);
                Assert.DoesNotContain("latest", image, StringComparison.Ordinal);
            }
        );
    }

    [HelmTheory]
    [InlineData("silo", "StatefulSet")]
    [InlineData("gateway", "Deployment")]
    public void An_image_and_the_chart_agree(string folder, string kind)
    {
        var text = Dockerfile(folder);
        var pod = Helm.Render("existing-secrets-values.yaml").One(kind)["spec"]["template"]["spec"];
        var container = pod["containers"].Items.Single();
        Assert.Equal(
            $"{pod["securityContext"]["runAsUser"].Text}:{pod["securityContext"]["runAsGroup"].Text}",
            One(text, "(?m)^USER (\\S+)$")
        );
        Assert.Equal(
            string.Join(' ', container["ports"].Items.Select(each => each["containerPort"].Text)),
            One(text, "(?m)^EXPOSE (.+)$")
        );
        Assert.Equal(
            PodTests.EnvironmentOf(container)["ASPNETCORE_URLS"]["value"].Text,
            One(text, "ASPNETCORE_URLS=(\\S+)")
        );
        Assert.Contains(container["volumeMounts"].Items, each =>
            each["mountPath"].Text == One(text, "Grid__Data=(\\S+)")
        );
        Assert.Contains(container["volumeMounts"].Items, each =>
            each["mountPath"].Text == One(text, "(?m)^WORKDIR (/tmp)$")
        );
    }

    [Theory]
    [InlineData("silo/Grid.Silo.csproj")]
    [InlineData("gateway/Grid.Gateway.csproj")]
    public void The_build_context_contains_every_project_and_no_data(string project)
    {
        var rules = File.ReadAllLines(Path.Combine(SourceTree.Root, ".dockerignore"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .ToArray();
        Assert.Equal("*", rules[0]);
        var sent = rules.Where(each => each[0] == '!').Select(each => each[1..]).ToHashSet();
        Assert.All(sent, each => Assert.True(Path.Exists(Path.Combine(SourceTree.Root, each)), each));
        Assert.Contains("**/bin", rules);
        Assert.Contains("**/obj", rules);
        Assert.All(ProjectsOf(project, []), each => Assert.Contains(each.Split('/')[0], sent));
        // The files that MSBuild finds by itself above the projects.
        Assert.Superset(
            new HashSet<string> { "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig" },
            sent
        );
        Assert.DoesNotContain("grid-data", sent);
    }

    private static string Dockerfile(string folder) =>
        File.ReadAllText(Path.Combine(SourceTree.Root, folder, "Dockerfile"));

    private static string One(string text, string pattern) =>
        Assert.Single(Regex.Matches(text, pattern)).Groups[1].Value;

    /// <summary>A project, its imports and its references, relative to the root of the repository.</summary>
    private static HashSet<string> ProjectsOf(string file, HashSet<string> met)
    {
        if (!met.Add(file))
            return met;
        var folder = Path.GetDirectoryName(Path.Combine(SourceTree.Root, file))!;
        foreach (var element in XDocument.Load(Path.Combine(SourceTree.Root, file)).Descendants())
        {
            var named = element.Name.LocalName switch
            {
                "ProjectReference" => element.Attribute("Include")?.Value,
                "Import" => element.Attribute("Project")?.Value,
                _ => null,
            };
            if (named is not null)
                ProjectsOf(Path.GetRelativePath(SourceTree.Root, Path.GetFullPath(Path.Combine(folder, named))), met);
        }

        return met;
    }
}
