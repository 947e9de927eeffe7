using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>From each type marked <c>[GenerateSerializer]</c> to its codec, and to the initialiser that registers all.</summary>
internal static class CodecPipeline
{
    /// <summary>The step whose outputs are the models; a test asks the driver whether it ran anew.</summary>
    public const string ModelsStep = "CodecModels";

    public static void Register(IncrementalGeneratorInitializationContext context)
    {
        var ofGrid = TypesMarked(context, ContractNames.GenerateSerializerOfGrid);
        var ofOrleans = TypesMarked(context, ContractNames.GenerateSerializerOfOrleans);
        var types = ofGrid.Collect().Combine(ofOrleans.Collect())
            .Select((pair, _) => pair.Left.Concat(pair.Right).ToEquatable());

        var messages = types.SelectMany((all, _) => all.Select(type => WithDerived(type, all))).WithTrackingName(ModelsStep);
        context.RegisterSourceOutput(messages, static (output, message) =>
        {
            foreach (var diagnostic in message.Type.Diagnostics)
                output.ReportDiagnostic(diagnostic.ToDiagnostic());
            if (message.Type is { HasCodec: true, IsEnum: false })
                output.AddSource($"{message.Type.Codec}.g.cs", CodecEmitter.Emit(message));
        });

        var registered = types.Select((all, _) => all
            .Where(type => type.HasCodec)
            .Select(type => new RegistrationModel(type.Name, type.IsEnum ? type.EnumCodec : type.Codec))
            .ToEquatable());
        context.RegisterSourceOutput(registered, static (output, all) =>
        {
            if (all.Count > 0)
                output.AddSource("CodecRegistration.g.cs", EmitRegistration(all));
        });
    }

    private static IncrementalValuesProvider<TypeModel> TypesMarked(
        IncrementalGeneratorInitializationContext context, string attribute) =>
        context.SyntaxProvider.ForAttributeWithMetadataName(
            attribute,
            static (_, _) => true,
            static (match, _) => CodecParser.Parse((INamedTypeSymbol)match.TargetSymbol, match.SemanticModel.Compilation.Assembly));

    private static MessageModel WithDerived(TypeModel type, EquatableArray<TypeModel> all)
    {
        var derived = new List<DerivedModel>();
        var diagnostics = new List<DiagnosticModel>(type.Diagnostics);
        foreach (var candidate in all)
        {
            if (candidate.IsAbstract || !candidate.Bases.Contains(type.Name))
                continue;
            if (candidate.Alias is not { Length: > 0 } alias || derived.Any(other => other.Alias == alias))
                diagnostics.Add(new DiagnosticModel(
                    CodecDiagnostics.MissingAlias, candidate.Location, new(ImmutableArray.Create(candidate.Name, type.Name))));
            else
                derived.Add(new DerivedModel(candidate.Name, candidate.Codec, alias));
        }

        return new MessageModel(type with { Diagnostics = diagnostics.ToEquatable() }, derived.ToEquatable());
    }

    private static string EmitRegistration(EquatableArray<RegistrationModel> all)
    {
        var text = SourceText.BeginFile();
        text.Line($"namespace {GeneratedNames.Namespace};").Line();
        text.Open("file static class CodecRegistration");
        text.Line("[global::System.Runtime.CompilerServices.ModuleInitializer]");
        text.Open("internal static void Register()");
        foreach (var type in all)
            text.Line($"global::Grid.Codec.CodecRegistry.Register<{type.Name}, {type.Codec}>();");
        return text.Close().Close().ToString();
    }

    /// <summary>A type and its codec, for the initialiser.</summary>
    private sealed record RegistrationModel(string Name, string Codec);
}
