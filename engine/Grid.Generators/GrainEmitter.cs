using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace Grid.Generators;

/// <summary>Writes the activator of a grain class, and the manifest of an assembly.</summary>
internal static class GrainEmitter
{
    private const string Runtime = GrainNames.Runtime;

    public static string EmitActivator(GrainModel grain)
    {
        var text = SourceText.BeginFile();
        text.Line($"namespace {GrainNames.Namespace};").Line();
        text.Open($"internal sealed class {ActivatorName(grain)} : {Runtime}GrainActivator");
        for (var i = 0; i < grain.Dependencies.Count; i++)
        {
            if (grain.Dependencies[i].FieldType.Length > 0)
                text.Line($"private readonly {grain.Dependencies[i].FieldType} _d{i};");
        }

        text.Line().Open($"public {ActivatorName(grain)}({Runtime}GrainServices services)");
        for (var i = 0; i < grain.Dependencies.Count; i++)
        {
            if (grain.Dependencies[i].FieldType.Length > 0)
                text.Line($"_d{i} = {grain.Dependencies[i].Resolve};");
        }

        text.Close();
        var arguments = grain.Dependencies.Select(static (dependency, i) => string.Format(dependency.Argument, $"_d{i}"));
        text.Line().Line($"public override object Create({Runtime}Activation activation, ref {Runtime}FacetSet facets) =>");
        text.Indented($"new {grain.Name}({string.Join(", ", arguments)});");
        return text.Close().ToString();
    }

    public static string EmitManifest(string assembly, IEnumerable<InterfaceModel> interfaces, IEnumerable<GrainModel> grains)
    {
        var name = "Manifest_" + Identifier(assembly);
        var text = SourceText.BeginFile();
        text.Line($"[assembly: {Runtime}GrainManifest(typeof({GrainNames.Namespace}.{name}))]").Line();
        text.Line($"namespace {GrainNames.Namespace};").Line();
        text.Open($"internal sealed class {name} : {Runtime}GrainManifest");
        text.Open($"public override void Describe({Runtime}IGrainManifestTarget target)");
        foreach (var model in interfaces)
            text.Line($"target.AddInterface(new {ProxyEmitter.FactoryName(model)}());");
        foreach (var grain in grains)
            EmitGrain(text, grain);
        return text.Close().Close().ToString();
    }

    private static string ActivatorName(GrainModel grain) => grain.Identifier + "_Activator";

    private static void EmitGrain(SourceText text, GrainModel grain)
    {
        text.Open($"target.AddGrain(new {Runtime}GrainClass");
        text.Line($"Class = typeof({grain.Name}),");
        text.Line($"TypeName = {SymbolDisplay.FormatLiteral(grain.TypeName, quote: true)},");
        text.Line($"Interfaces = [{string.Join(", ", grain.Interfaces.Select(static type => $"typeof({type})"))}],");
        text.Line($"Activator = static services => new {ActivatorName(grain)}(services),");
        text.Line($"HasOnActivate = {Literal(grain.HasOnActivate)},");
        text.Line($"HasOnDeactivate = {Literal(grain.HasOnDeactivate)},");
        text.Line($"KeepAlive = {Literal(grain.KeepAlive)},");
        text.Line($"LocalWorkers = {grain.LocalWorkers},");
        text.Close(");");
    }

    private static string Literal(bool value) => value ? "true" : "false";

    private static string Identifier(string assembly)
    {
        var name = new StringBuilder();
        foreach (var character in assembly)
            name.Append(char.IsLetterOrDigit(character) ? character : '_');
        return name.ToString();
    }
}
