using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Grid.Codes;
using Grid.Gateway.Hosting;
using Grid.Hosting.Settings;
using Grid.Silo.Stores;
using Grid.Tests.Tidy;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Grid.Tests.Charts;

/// <summary>A setting of the programs.</summary>
/// <param name="Name">Its name, such as <c>Grid:Silo:ResidentAge</c>.</param>
/// <param name="Property">The property that it is bound to.</param>
/// <param name="Default">The value when it is not set.</param>
internal sealed record Setting(string Name, PropertyInfo Property, object? Default)
{
    /// <summary>The type of its value.</summary>
    internal Type Type { get; } = Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;
}

/// <summary>
/// All settings, read from the options classes: the source of <c>docs/settings.md</c> and the chart's schema.
/// </summary>
internal static partial class SettingsTable
{
    internal const string Role = "Grid:Role";
    private const string Section = "Section";
    private const string Databases = "Grid:Postgres";

    // The host sets the folder of the SQLite store: it is inside Grid:Data.
    private const string Folder = "Folder";

    private static readonly Assembly[] Programs =
    [
        typeof(CodeOptions).Assembly,
        typeof(GridOptions).Assembly,
        typeof(StoreOptions).Assembly,
        typeof(GatewayHost).Assembly,
    ];

    // The chart sets these itself.
    private static readonly string[] ByTheChart =
    [
        "Grid:Data",
        Databases,
        "Grid:Cluster:Redis",
        "Grid:Cluster:Address",
        "Grid:Cluster:SiloPort",
        "Grid:Cluster:ClientPort",
    ];

    /// <summary>All but <see cref="Role"/>, which is read before the options exist.</summary>
    internal static IReadOnlyList<Setting> All { get; } =
    [
        .. Programs
            .SelectMany(static program => program.GetTypes())
            .Where(static type => !type.IsAbstract)
            .Where(static type => Constant(type, Section)?.StartsWith("Grid", StringComparison.Ordinal) == true)
            .SelectMany(static type => Of(Constant(type, Section)!, type))
            .DistinctBy(static each => each.Name)
            .OrderBy(static each => each.Name, StringComparer.Ordinal),
    ];

    /// <summary>The names of sections.</summary>
    internal static IReadOnlySet<string> Sections { get; } =
        All.SelectMany(static each => Parents(each.Name)).ToHashSet();

    /// <summary>The settings that the chart's values accept.</summary>
    internal static IEnumerable<Setting> OfTheChart =>
        All.Where(static each =>
            !ByTheChart.Contains(each.Name)
            && !each.Name.StartsWith("Grid:Cluster:Tls:", StringComparison.Ordinal)
            // A cluster has no SQLite files.
            && each.Property.DeclaringType!.GetProperty(Folder) is null
        );

    /// <summary>The list as Markdown: a heading for each section, a line for each setting.</summary>
    internal static string Markdown()
    {
        var meanings = Meanings();
        var text = new StringBuilder();
        foreach (
            var section in All.GroupBy(static each => each.Name[..each.Name.LastIndexOf(':')])
                .OrderBy(static each => each.Key, StringComparer.Ordinal)
        )
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {section.Key}\n\n");
            if (section.Key == "Grid")
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"- `{Role}` ({Names(typeof(GridRole))}): Which part of the grid runs. "
                        + $"Default `All`; of `silo`: `Silo`.\n"
                );
            foreach (var setting in section)
            {
                var (meaning, standard) = meanings[(setting.Property.DeclaringType!.Name, setting.Property.Name)];
                var limits = LimitsOf(setting) is { Length: > 0 } found ? $" ({found})" : "";
                var value = ValueOf(setting) is { Length: > 0 } given ? $"={given}" : "";
                var otherwise =
                    value.Length == 0 && standard is { Length: > 0 } and not "none" ? $" Default: {standard}." : "";
                text.Append(CultureInfo.InvariantCulture, $"- `{setting.Name}{value}`{limits}: {meaning}{otherwise}\n");
            }
        }
        return text.ToString();
    }

    /// <summary>The rule for <c>settings</c> in the chart's schema.</summary>
    internal static JsonObject Schema()
    {
        var root = new JsonObject();
        foreach (var setting in OfTheChart)
        {
            var at = root;
            foreach (var part in setting.Name.Split(':')[1..^1])
            {
                if (at[part] is not JsonObject section)
                    at[part] = section = new JsonObject
                    {
                        ["type"] = "object",
                        ["additionalProperties"] = false,
                        ["properties"] = new JsonObject(),
                    };
                at = (JsonObject)section["properties"]!;
            }
            at[setting.Name.Split(':')[^1]] = RuleOf(setting);
        }
        return new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = root,
            ["description"] =
                "Settings of the programs under their own names. A name that the programs don't have is refused here.",
        };
    }

    private static IEnumerable<string> Parents(string name)
    {
        for (var at = name.IndexOf(':', StringComparison.Ordinal); at > 0; at = name.IndexOf(':', at + 1))
            yield return name[..at];
    }

    private static string? Constant(Type type, string name) =>
        type.GetField(name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            is { IsLiteral: true } field
            ? field.GetRawConstantValue() as string
            : null;

    private static IEnumerable<Setting> Of(string section, Type type)
    {
        var made = Activator.CreateInstance(type);
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            if (property.SetMethod?.IsPublic != true || property.Name == Folder)
                continue;
            if (property.PropertyType.IsClass && Programs.Contains(property.PropertyType.Assembly))
            {
                foreach (var nested in Of($"{section}:{property.Name}", property.PropertyType))
                    yield return nested;
            }
            else if (property.PropertyType == typeof(IList<string>))
                yield return new Setting(Databases, property, null);
            else
                yield return new Setting($"{section}:{property.Name}", property, property.GetValue(made));
        }
    }

    // The default as a user would write it; null where there is none.
    private static string? ValueOf(Setting setting) =>
        setting.Default switch
        {
            bool flag => flag ? "true" : "false",
            TimeSpan time => Text(time),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            var other => other?.ToString(),
        };

    private static string LimitsOf(Setting setting)
    {
        var bounds =
            setting.Property.GetCustomAttribute<RangeAttribute>() is { } range ? Bounds(range)
            : setting.Property.GetCustomAttribute<StringLengthAttribute>() is { } length
                ? $"≤ {length.MaximumLength} characters"
            : setting.Property.GetCustomAttribute<MaxLengthAttribute>() is { } items ? $"≤ {items.Length}"
            : null;
        return bounds ?? (setting.Type.IsEnum ? Names(setting.Type) : "");
    }

    private static string Bounds(RangeAttribute range) =>
        range.Maximum is int.MaxValue or >= (double)long.MaxValue
            ? $"≥ {Bound(range.Minimum)}"
            : $"{Bound(range.Minimum)}–{Bound(range.Maximum)}";

    private static string Names(Type type) => string.Join(", ", Enum.GetNames(type).Select(static name => $"`{name}`"));

    private static string Bound(object bound) =>
        bound is string text && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time)
            ? Text(time)
            : Convert.ToString(bound, CultureInfo.InvariantCulture)!;

    private static string Text(TimeSpan time) =>
        time.ToString("c", CultureInfo.InvariantCulture) is var text && text.Contains(".0", StringComparison.Ordinal)
        || time.Milliseconds != 0
            ? TrailingZeros().Replace(time.ToString("c", CultureInfo.InvariantCulture), "$1")
            : text;

    private static JsonNode RuleOf(Setting setting)
    {
        var range = setting.Property.GetCustomAttribute<RangeAttribute>();
        if (setting.Type == typeof(TimeSpan))
            return new JsonObject { ["$ref"] = "#/definitions/duration" };
        if (setting.Type == typeof(bool))
            return new JsonObject { ["type"] = "boolean" };
        if (setting.Type.IsEnum)
            return new JsonObject
            {
                ["enum"] = new JsonArray([.. Enum.GetNames(setting.Type).Select(static name => (JsonNode)name)]),
            };
        if (setting.Type == typeof(Uri))
            return new JsonObject { ["type"] = "string", ["pattern"] = "^https?://" };
        if (setting.Type == typeof(string))
        {
            var length = setting.Property.GetCustomAttribute<StringLengthAttribute>();
            return new JsonObject
            {
                ["type"] = "string",
                ["minLength"] = length?.MinimumLength ?? 0,
                ["maxLength"] = length?.MaximumLength ?? 1024,
            };
        }
        if (setting.Type.IsPrimitive && range is not null)
        {
            return setting.Type == typeof(double)
                ? new JsonObject
                {
                    ["type"] = "number",
                    ["minimum"] = (double)range.Minimum,
                    ["maximum"] = (double)range.Maximum,
                }
                : new JsonObject
                {
                    ["type"] = "integer",
                    ["minimum"] = Whole(range.Minimum),
                    ["maximum"] = Whole(range.Maximum),
                };
        }
        // The chart has no rule for a list or for a number without limits. Add the rule with the first such setting.
        throw new InvalidOperationException(
            $"{setting.Name} has no limits that a schema could state; give its property a [Range]."
        );
    }

    private static long Whole(object bound) => Convert.ToInt64(bound, CultureInfo.InvariantCulture);

    /// <summary>The documentation of each property: its meaning, and the default where it is no plain value.</summary>
    private static Dictionary<(string Class, string Property), (string Meaning, string? Default)> Meanings()
    {
        var found = new Dictionary<(string, string), (string, string?)>();
        foreach (
            var type in new[] { "hosting", "silo", "gateway", "grains" }
                .SelectMany(static folder => SourceTree.Files(folder, "Options.cs"))
                .SelectMany(static file => file.Syntax.DescendantNodes().OfType<ClassDeclarationSyntax>())
        )
        {
            foreach (var property in type.Members.OfType<PropertyDeclarationSyntax>())
            {
                var comment = string.Join(
                    '\n',
                    property
                        .GetLeadingTrivia()
                        .ToFullString()
                        .Split('\n')
                        .Select(static line => line.Trim())
                        .Where(static line => line.StartsWith("///", StringComparison.Ordinal))
                        .Select(static line => line[3..])
                );
                if (comment.Length > 0)
                    found[(type.Identifier.Text, property.Identifier.Text)] = Parts(
                        XElement.Parse($"<doc>{comment}</doc>").Element("summary")!
                    );
            }
        }
        return found;
    }

    private static (string Meaning, string? Default) Parts(XElement summary)
    {
        var text = Blanks()
            .Replace(
                string.Concat(
                    summary
                        .Nodes()
                        .Select(static node =>
                            node switch
                            {
                                XText words => words.Value,
                                XElement { Name.LocalName: "see" } see =>
                                    $"`{see.Attribute("cref")?.Value.Split('.')[^1]}`",
                                XElement other => $"`{other.Value}`",
                                _ => "",
                            }
                        )
                ),
                " "
            )
            .Trim()
            .Replace("|", "\\|", StringComparison.Ordinal);
        var sentences = Sentence().Split(text);
        var standard = sentences.FirstOrDefault(static each => each.StartsWith("Default", StringComparison.Ordinal));
        return (
            string.Join(' ', sentences.Where(each => each != standard)),
            standard?["Default".Length..].Trim(' ', ':', '.')
        );
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"(?<=\.)\s+(?=[A-Z`])")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"(\.\d*?[1-9])0+$")]
    private static partial Regex TrailingZeros();
}
