using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Grid.Generators;

/// <summary>Reads a grain class: what it is called, what it needs, what it overrides.</summary>
internal sealed class GrainClassParser
{
    private const string GrainSuffix = "grain";

    private readonly INamedTypeSymbol _type;
    private readonly List<GrainDiagnosticModel> _diagnostics = [];

    private GrainClassParser(INamedTypeSymbol type) => _type = type;

    /// <summary>Whether the class is one that an engine makes activations of.</summary>
    public static bool IsGrain(INamedTypeSymbol type) =>
        type is { TypeKind: TypeKind.Class, IsAbstract: false, IsStatic: false }
        && type.AllInterfaces.Any(static parent => GrainNames.Is(parent, "IGrainBase"))
        && type.AllInterfaces.Any(GrainNames.IsGrainInterface);

    public static GrainModel Parse(INamedTypeSymbol type) => new GrainClassParser(type).Parse();

    private GrainModel Parse()
    {
        var model = new GrainModel(GeneratedNames.Of(_type), GrainNames.Identifier(_type), TypeName());
        if (GrainTypes.Unreachable(_type) is { } reason)
        {
            Report(reason, _type.ToDisplayString());
            return model with { Diagnostics = _diagnostics.ToEquatable() };
        }

        var constructors = _type.InstanceConstructors
            .Where(static constructor => constructor.DeclaredAccessibility is Microsoft.CodeAnalysis.Accessibility.Public
                || constructor.IsImplicitlyDeclared && constructor.Parameters.IsEmpty)
            .ToArray();
        if (constructors.Length != 1)
            Report(GrainDiagnostics.Constructors, _type.ToDisplayString(), constructors.Length.ToString());
        var dependencies = constructors.Length == 1 ? constructors[0].Parameters.Select(Dependency).ToArray() : [];
        return model with
        {
            Interfaces = _type.AllInterfaces.Where(GrainNames.IsGrainInterface).Select(GeneratedNames.Of).ToEquatable(),
            Dependencies = dependencies.ToEquatable(),
            HasOnActivate = Overrides("OnActivateAsync"),
            HasOnDeactivate = Overrides("OnDeactivateAsync"),
            KeepAlive = Attribute("KeepAliveAttribute") is not null,
            LocalWorkers = LocalWorkers(),
            Diagnostics = _diagnostics.ToEquatable(),
        };
    }

    private string TypeName()
    {
        if (FirstArgument(Attribute("GrainTypeAttribute")) is string given)
            return given;
        var name = _type.Name.ToLowerInvariant();
        return name.Length > GrainSuffix.Length && name.EndsWith(GrainSuffix, StringComparison.Ordinal)
            ? name.Substring(0, name.Length - GrainSuffix.Length)
            : name;
    }

    private int LocalWorkers() => Attribute("StatelessWorkerAttribute") is { } attribute
        ? FirstArgument(attribute) as int? ?? -1
        : 0;

    private static object? FirstArgument(AttributeData? attribute) => attribute?.ConstructorArguments.FirstOrDefault().Value;

    private DependencyModel Dependency(IParameterSymbol parameter)
    {
        var type = GeneratedNames.Of(parameter.Type);
        var state = parameter.GetAttributes().FirstOrDefault(static attribute => ContractNames.Is(attribute, "PersistentStateAttribute"));
        if (state is not null)
            return State(parameter, state);
        if (GrainNames.Is(parameter.Type, "IGrainContext"))
            return new DependencyModel("", "", "activation");
        var key = parameter.GetAttributes().FirstOrDefault(static attribute => attribute.AttributeClass?.Name == "FromKeyedServicesAttribute");
        if (key is { ConstructorArguments.Length: 1 })
            return new DependencyModel(type, $"services.GetKeyed<{type}>({key.ConstructorArguments[0].ToCSharpString()})", "{0}");
        return parameter.HasExplicitDefaultValue && parameter.Type.IsReferenceType
            ? new DependencyModel(type, $"services.GetOr<{type}>(null)", "{0}")
            : new DependencyModel(type, $"services.Get<{type}>()", "{0}");
    }

    private DependencyModel State(IParameterSymbol parameter, AttributeData attribute)
    {
        if (parameter.Type is not INamedTypeSymbol { Arity: 1 } type || !GrainNames.Is(type.OriginalDefinition, "IPersistentState"))
        {
            Report(GrainDiagnostics.StateType, _type.ToDisplayString(), parameter.Name);
            return new DependencyModel("", "", "null");
        }

        var state = type.TypeArguments[0];
        var name = GeneratedNames.Of(state);
        var arguments = attribute.ConstructorArguments;
        var stateName = SymbolDisplay.FormatLiteral(arguments[0].Value as string ?? "", quote: true);
        var storage = arguments.Length > 1 && arguments[1].Value is string given ? SymbolDisplay.FormatLiteral(given, quote: true) : "null";
        return new DependencyModel(
            $"{GrainNames.Runtime}StateSlot<{name}>",
            $"services.State<{name}>({stateName}, {storage}, static () => {Fresh(state, name)})",
            "facets.Add(activation, {0})");
    }

    // As Orleans makes a state that is not stored yet: by its parameterless constructor, or without any.
    private static string Fresh(ITypeSymbol state, string name)
    {
        if (state.IsValueType)
            return $"default({name})";
        var canBeMade = state is INamedTypeSymbol { IsAbstract: false } type && type.InstanceConstructors.Any(static constructor =>
            constructor.Parameters.IsEmpty && Accessibility.CanBeReached(constructor.DeclaredAccessibility));
        return canBeMade && !HasRequiredMembers(state)
            ? $"new {name}()"
            : $"({name})global::System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof({name}))";
    }

    private static bool HasRequiredMembers(ITypeSymbol type) => type.GetMembers().Any(static member =>
        member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true });

    private bool Overrides(string method)
    {
        for (var type = _type; type is not null && !GrainNames.Is(type, "Grain"); type = type.BaseType)
        {
            if (type.GetMembers(method).OfType<IMethodSymbol>().Any(static member => member.IsOverride || !member.IsVirtual))
                return true;
        }

        return false;
    }

    private AttributeData? Attribute(string name) =>
        _type.GetAttributes().FirstOrDefault(attribute => ContractNames.Is(attribute, name));

    private void Report(string id, params string[] arguments) =>
        _diagnostics.Add(new GrainDiagnosticModel(id, LocationModel.Of(_type), arguments.ToEquatable()));
}
