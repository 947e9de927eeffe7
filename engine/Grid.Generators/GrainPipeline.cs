using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Grid.Generators;

/// <summary>From grain interfaces to proxies, from grain classes to activators, and from both to the assembly's manifest.</summary>
internal static class GrainPipeline
{
    private const string EngineProperty = "build_property.GridEngine";
    private const string OtherEngine = "Orleans";

    public static void Register(IncrementalGeneratorInitializationContext context)
    {
        // Orleans has a generator of its own for these; codecs alone are made for both engines.
        var isOurs = context.AnalyzerConfigOptionsProvider.Select(static (options, _) =>
            !options.GlobalOptions.TryGetValue(EngineProperty, out var engine) || engine != OtherEngine);
        var interfaces = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is InterfaceDeclarationSyntax { BaseList: not null },
                static (found, cancellation) => Interface(found, cancellation))
            .Where(static model => model is not null).Select(static (model, _) => model!);
        var grains = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is ClassDeclarationSyntax { BaseList: not null },
                static (found, cancellation) => Class(found, cancellation))
            .Where(static model => model is not null).Select(static (model, _) => model!);

        context.RegisterSourceOutput(interfaces.Combine(isOurs), static (output, pair) =>
        {
            if (pair.Right && IsSound(output, pair.Left.Diagnostics))
                output.AddSource($"{pair.Left.Identifier}_Proxy.g.cs", ProxyEmitter.Emit(pair.Left));
        });
        context.RegisterSourceOutput(grains.Combine(isOurs), static (output, pair) =>
        {
            if (pair.Right && IsSound(output, pair.Left.Diagnostics))
                output.AddSource($"{pair.Left.Identifier}_Activator.g.cs", GrainEmitter.EmitActivator(pair.Left));
        });
        RegisterManifest(context, interfaces, grains, isOurs);
    }

    private static void RegisterManifest(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<InterfaceModel> interfaces,
        IncrementalValuesProvider<GrainModel> grains,
        IncrementalValueProvider<bool> isOurs)
    {
        var assembly = context.CompilationProvider.Select(static (compilation, _) => compilation.AssemblyName ?? "");
        var everything = interfaces.Collect().Combine(grains.Collect()).Combine(isOurs).Combine(assembly);
        context.RegisterSourceOutput(everything, static (output, all) =>
        {
            var (((types, classes), ours), name) = all;
            var sound = types.Where(static type => type.Diagnostics.Count == 0).ToArray();
            var made = classes.Where(static grain => grain.Diagnostics.Count == 0).ToArray();
            if (ours && sound.Length + made.Length > 0)
                output.AddSource("GrainManifest.g.cs", GrainEmitter.EmitManifest(name, sound, made));
        });
    }

    private static InterfaceModel? Interface(GeneratorSyntaxContext found, CancellationToken cancellation) =>
        Symbol(found, cancellation) is { } type && GrainNames.IsGrainInterface(type)
            ? GrainInterfaceParser.Parse(type, found.SemanticModel.Compilation.Assembly)
            : null;

    private static GrainModel? Class(GeneratorSyntaxContext found, CancellationToken cancellation) =>
        Symbol(found, cancellation) is { } type && GrainClassParser.IsGrain(type) ? GrainClassParser.Parse(type) : null;

    // Of a type in several parts, the first part with a base list stands for all.
    private static INamedTypeSymbol? Symbol(GeneratorSyntaxContext found, CancellationToken cancellation)
    {
        if (found.SemanticModel.GetDeclaredSymbol(found.Node, cancellation) is not INamedTypeSymbol type)
            return null;
        var first = type.DeclaringSyntaxReferences
            .Select(reference => reference.GetSyntax(cancellation))
            .OfType<TypeDeclarationSyntax>()
            .First(static part => part.BaseList is not null);
        return first == found.Node ? type : null;
    }

    private static bool IsSound(SourceProductionContext output, EquatableArray<GrainDiagnosticModel> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
            output.ReportDiagnostic(diagnostic.ToDiagnostic());
        return diagnostics.Count == 0;
    }
}
