using System.Text.Json;
using Grid.Gateway.Hosting;
using Grid.Tests.Fixtures;
using Grid.Tests.Tidy;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Charts;

/// <summary>What the chart sets is what the programs read: no setting by a name that nobody knows.</summary>
public sealed class SettingsTests
{
    /// <summary>The settings of both programs on either engine, by their sources: one build has the options of one engine only.</summary>
    private static readonly HashSet<string> s_known = [.. Known()];

    public static TheoryData<string> Values => new(Helm.Values);

    [HelmTheory, MemberData(nameof(Values))]
    public void A_variable_of_the_grid_is_a_setting_of_its_programs(string values)
    {
        var made = Helm.Render(values);
        var names = made.Pods().SelectMany(each => PodTests.Containers(each.Pod)).SelectMany(each => each["env"].Items).Select(each => each["name"].Text!)
            .Concat(made.Of("ConfigMap").SelectMany(each => each["data"].Entries).Select(each => each.Key))
            .Where(name => name.StartsWith("Grid", StringComparison.Ordinal))
            .Distinct().ToArray();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains(name.Replace("__", ":", StringComparison.Ordinal), s_known));
    }

    [Fact]
    public void A_setting_that_the_values_admit_is_one_of_the_programs()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Helm.Chart, "values.schema.json")));
        var admitted = Leaves("Grid", schema.RootElement.GetProperty("properties").GetProperty("settings")).ToArray();
        Assert.True(admitted.Length > 20);
        Assert.All(admitted, each => Assert.Contains(each, s_known));
    }

    [Fact]
    public async Task The_program_takes_as_long_to_stop_as_the_chart_says()
    {
        using var folder = new TemporaryFolder();
        await using var app = GatewayHost.Build(["--Grid:Data", folder.Path, "--shutdownTimeoutSeconds", "77"]);
        Assert.Equal(TimeSpan.FromSeconds(77), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    private static IEnumerable<string> Leaves(string at, JsonElement rule) => rule.TryGetProperty("properties", out var properties)
        ? properties.EnumerateObject().SelectMany(each => Leaves($"{at}:{each.Name}", each.Value))
        : [at];

    private static IEnumerable<string> Known()
    {
        foreach (var type in SourceTree.Files("silo", "Options.cs").Concat(SourceTree.Files("gateway", "Options.cs")).Concat(SourceTree.Files("grains", "Options.cs"))
            .SelectMany(file => file.Syntax.DescendantNodes().OfType<ClassDeclarationSyntax>()))
        {
            // One without a section of its own stands beside the general ones.
            var section = Constant(type, "Section") ?? "Grid";
            foreach (var property in type.Members.OfType<PropertyDeclarationSyntax>())
            {
                if (property.Modifiers.Any(each => each.Text == "public") && property.AccessorList?.Accessors.Any(each => each.Keyword.Text == "set") == true)
                    yield return $"{section}:{property.Identifier.Text}";
            }

            if (Constant(type, "DatabasesSection") is { } databases)
            {
                for (var number = 0; number < 64; number++)
                    yield return $"{databases}:{number}";
            }
        }
    }

    private static string? Constant(ClassDeclarationSyntax type, string name) => type.Members.OfType<FieldDeclarationSyntax>()
        .SelectMany(field => field.Declaration.Variables)
        .Where(variable => variable.Identifier.Text == name)
        .Select(variable => ((LiteralExpressionSyntax)variable.Initializer!.Value).Token.ValueText)
        .FirstOrDefault();
}
