using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Grid.Tests.Fixtures;

/// <summary>The objects of an installation.</summary>
internal sealed class Manifests(IReadOnlyList<Yaml> objects)
{
    internal IReadOnlyList<Yaml> Objects => objects;

    internal static Manifests Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return new Manifests([
            .. stream.Documents.Where(each => each.RootNode is YamlMappingNode).Select(each => new Yaml(each.RootNode)),
        ]);
    }

    /// <summary>All objects of a kind.</summary>
    internal IEnumerable<Yaml> Of(string kind) => objects.Where(each => each["kind"].Text == kind);

    /// <summary>The object of a kind whose name has this ending.</summary>
    internal Yaml One(string kind, string ending = "") =>
        Assert.Single(Of(kind), each => each.Name.EndsWith(ending, StringComparison.Ordinal));

    /// <summary>The objects that create pods, each with its pod template.</summary>
    internal IEnumerable<(Yaml Owner, Yaml Pod)> Pods() =>
        from each in objects
        where each["kind"].Text is "StatefulSet" or "Deployment" or "Job"
        select (each, each["spec"]["template"]);
}

/// <summary>A node of a YAML document. A missing node has only missing children.</summary>
internal readonly struct Yaml(YamlNode? node)
{
    internal bool Exists => node is not null;

    internal string? Text => (node as YamlScalarNode)?.Value;

    internal int Int => int.Parse(Text!, CultureInfo.InvariantCulture);

    internal bool IsTrue => Text == "true";

    internal bool IsFalse => Text == "false";

    internal string Name => this["metadata"]["name"].Text!;

    /// <summary>Whether a YAML reader takes the value for text: quoted, or unlike any other type.</summary>
    internal bool IsText =>
        node is YamlScalarNode scalar
        && (
            scalar.Style is not ScalarStyle.Plain
            || !(
                scalar.Value is "" or "~" or "null" or "true" or "false" or "yes" or "no" or "on" or "off"
                || double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            )
        );

    internal IEnumerable<Yaml> Items => (node as YamlSequenceNode)?.Select(each => new Yaml(each)) ?? [];

    internal IEnumerable<(string Key, Yaml Value)> Entries =>
        (node as YamlMappingNode)?.Select(each => (((YamlScalarNode)each.Key).Value!, new Yaml(each.Value))) ?? [];

    internal Dictionary<string, string> Labels => Entries.ToDictionary(each => each.Key, each => each.Value.Text!);

    /// <summary>This node and all nodes below it.</summary>
    internal IEnumerable<Yaml> All =>
        Items.Concat(Entries.Select(each => each.Value)).SelectMany(each => each.All).Prepend(this);

    internal Yaml this[string key] =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var found)
            ? new Yaml(found)
            : default;

    /// <summary>The item of a list with this name.</summary>
    internal Yaml Named(string name) => Items.FirstOrDefault(each => each["name"].Text == name);

    public override string ToString() => node?.ToString() ?? "nothing";
}
