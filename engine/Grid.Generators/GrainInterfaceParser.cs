using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>Reads a grain interface, and says what of it can't be called.</summary>
internal sealed class GrainInterfaceParser
{
    private readonly INamedTypeSymbol _type;
    private readonly TypeCodecs _codecs;
    private readonly List<GrainDiagnosticModel> _diagnostics = [];

    private GrainInterfaceParser(INamedTypeSymbol type, IAssemblySymbol home)
    {
        _type = type;
        _codecs = new TypeCodecs(home);
    }

    public static InterfaceModel Parse(INamedTypeSymbol type, IAssemblySymbol home) =>
        new GrainInterfaceParser(type, home).Parse();

    private InterfaceModel Parse()
    {
        var model = new InterfaceModel(GeneratedNames.Of(_type), GrainNames.Identifier(_type));
        if (GrainTypes.Unreachable(_type) is { } reason)
        {
            Report(reason, _type, _type.ToDisplayString());
            return model with { Diagnostics = _diagnostics.ToEquatable() };
        }

        var methods = new List<MethodModel>();
        foreach (var part in _type.AllInterfaces.Insert(0, _type))
        {
            foreach (var member in part.GetMembers())
            {
                if (member.IsStatic || member is IMethodSymbol { AssociatedSymbol: not null })
                    continue;
                if (member is not IMethodSymbol method)
                    Report(GrainDiagnostics.NotAMethod, member, member.ToDisplayString());
                else if (Method(method) is { } parsed)
                    Add(methods, parsed, method);
            }
        }

        return model with { Methods = methods.ToEquatable(), Diagnostics = _diagnostics.ToEquatable() };
    }

    private void Add(List<MethodModel> methods, MethodModel method, IMethodSymbol symbol)
    {
        if (methods.FirstOrDefault(other => other.Id == method.Id) is { } same)
            Report(GrainDiagnostics.SameId, symbol, same.Name, method.Name);
        methods.Add(method);
    }

    private MethodModel? Method(IMethodSymbol method)
    {
        var name = method.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);
        var isTask = GrainTypes.IsTask(method.ReturnType);
        if (!isTask && !GrainTypes.IsValueTask(method.ReturnType))
            return Refuse(GrainDiagnostics.ReturnType, method, name, method.ReturnType.ToDisplayString());
        if (method.IsGenericMethod)
            return Refuse(GrainDiagnostics.GenericMethod, method, name);
        if (method.Parameters.FirstOrDefault(static parameter => parameter.RefKind != RefKind.None) is { } reference)
            return Refuse(GrainDiagnostics.ByReference, method, name, reference.Name);
        if (method.Parameters.Take(method.Parameters.Length - 1).Any(static parameter => GrainTypes.IsToken(parameter.Type)))
            return Refuse(GrainDiagnostics.TokenNotLast, method, name);

        var parameters = method.Parameters.Select(parameter => Parameter(parameter.Type, parameter.GetAttributes(), method, name)).ToArray();
        var result = ((INamedTypeSymbol)method.ReturnType) is { Arity: 1 } returned
            ? Parameter(returned.TypeArguments[0], method.GetReturnTypeAttributes(), method, name)
            : null;
        return new MethodModel(method.Name, GeneratedNames.Of(method.ContainingType), Id(method), Kind(method), IsReadOnly(method), Timeout(method, name), isTask)
        {
            Parameters = parameters.ToEquatable(),
            Result = result,
        };
    }

    private ParameterModel Parameter(ITypeSymbol type, ImmutableArray<AttributeData> attributes, IMethodSymbol method, string name)
    {
        var typeName = GeneratedNames.Of(type);
        if (GrainTypes.IsToken(type))
            return new ParameterModel(typeName, "", IsShared: true, IsToken: true);
        if (_codecs.Unsupported(type) is { } culprit)
        {
            Report(GrainDiagnostics.NoCodec, method, name, culprit.ToDisplayString());
            return new ParameterModel(typeName, "", IsShared: true, IsToken: false);
        }

        var isShared = _codecs.IsImmutable(type) || attributes.Any(ContractNames.IsImmutable);
        return new ParameterModel(typeName, _codecs.CodecOf(type), isShared, IsToken: false);
    }

    private static string Kind(IMethodSymbol method)
    {
        var attributes = method.GetAttributes();
        return attributes.Any(static attribute => ContractNames.Is(attribute, "AlwaysInterleaveAttribute")) ? "Interleave"
            : IsReadOnly(method) ? "ReadOnly"
            : "Exclusive";
    }

    private static bool IsReadOnly(IMethodSymbol method) =>
        method.GetAttributes().Any(static attribute => ContractNames.Is(attribute, "ReadOnlyAttribute"));

    private long Timeout(IMethodSymbol method, string name)
    {
        var attribute = method.GetAttributes().FirstOrDefault(static attribute => ContractNames.Is(attribute, "ResponseTimeoutAttribute"));
        if (attribute is null)
            return 0;
        var text = attribute.ConstructorArguments.FirstOrDefault().Value as string;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var timeout) && timeout > TimeSpan.Zero)
            return timeout.Ticks;
        Report(GrainDiagnostics.BadTimeout, method, name, text ?? "");
        return 0;
    }

    // FNV-1a of the interface's name and of the method's name and parameter types, or of their aliases: stable as long as
    // those are. With the interface, because a grain may have two interfaces with the same method.
    private static uint Id(IMethodSymbol method)
    {
        var signature = Alias(method)
            ?? $"{method.Name}({string.Join(",", method.Parameters.Select(static parameter => GeneratedNames.Of(parameter.Type)))})";
        var text = $"{Alias(method.ContainingType) ?? GeneratedNames.Of(method.ContainingType)}.{signature}";
        var hash = 2166136261u;
        foreach (var character in text)
            hash = unchecked((hash ^ character) * 16777619u);
        return hash;
    }

    private static string? Alias(ISymbol symbol) =>
        symbol.GetAttributes().FirstOrDefault(ContractNames.IsAlias)?.ConstructorArguments.FirstOrDefault().Value as string;

    private MethodModel? Refuse(string id, ISymbol symbol, params string[] arguments)
    {
        Report(id, symbol, arguments);
        return null;
    }

    private void Report(string id, ISymbol symbol, params string[] arguments) =>
        _diagnostics.Add(new GrainDiagnosticModel(id, LocationModel.Of(symbol), arguments.ToEquatable()));
}

/// <summary>Questions about types that both grain parsers ask.</summary>
internal static class GrainTypes
{
    private const string Tasks = "System.Threading.Tasks";

    public static bool IsTask(ITypeSymbol type) => IsOf(type, "Task", Tasks);

    public static bool IsValueTask(ITypeSymbol type) => IsOf(type, "ValueTask", Tasks);

    public static bool IsToken(ITypeSymbol type) => IsOf(type, "CancellationToken", "System.Threading");

    /// <summary>The diagnostic for a type that generated code can't name; null when it can.</summary>
    public static string? Unreachable(INamedTypeSymbol symbol)
    {
        for (var type = symbol; type is not null; type = type.ContainingType)
        {
            if (type.IsGenericType)
                return GrainDiagnostics.Generic;
            if (!Accessibility.CanBeReached(type.DeclaredAccessibility))
                return GrainDiagnostics.Hidden;
        }

        return null;
    }

    private static bool IsOf(ITypeSymbol type, string name, string space) =>
        type.Name == name && type.ContainingNamespace?.ToDisplayString() == space;
}
