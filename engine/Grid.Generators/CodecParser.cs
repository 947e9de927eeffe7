using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Grid.Generators;

/// <summary>Reads what a codec needs to know from a type marked <c>[GenerateSerializer]</c>.</summary>
internal sealed class CodecParser
{
    private readonly INamedTypeSymbol _type;
    private readonly IAssemblySymbol _home;
    private readonly TypeCodecs _codecs;
    private readonly List<DiagnosticModel> _diagnostics = [];

    private CodecParser(INamedTypeSymbol type, IAssemblySymbol home)
    {
        _type = type;
        _home = home;
        _codecs = new TypeCodecs(home);
    }

    public static TypeModel Parse(INamedTypeSymbol type, IAssemblySymbol home) => new CodecParser(type, home).Parse();

    private TypeModel Parse()
    {
        var model = new TypeModel(GeneratedNames.Of(_type), GeneratedNames.CodecIdentifier(_type)) { Location = LocationModel.Of(_type) };
        if (!CanBeNamed())
            return model with { HasCodec = false, Diagnostics = _diagnostics.ToEquatable() };
        if (_type.TypeKind == TypeKind.Enum)
            return model with { IsEnum = true, EnumCodec = _codecs.CodecOf(_type) };

        var bases = Bases();
        var members = new List<MemberModel>();
        for (var level = bases.Count; level >= 0; level--)
            members.AddRange(new MemberParser(level == 0 ? _type : bases[level - 1], level, _codecs, _diagnostics).Parse());
        members.Sort((one, other) => (one.Part, one.Id).CompareTo((other.Part, other.Id)));

        var construction = new ConstructionParser(_type, _diagnostics).Parse(members);
        return model with
        {
            IsStruct = _type.IsValueType,
            IsSealed = _type.IsSealed,
            IsAbstract = _type.IsAbstract,
            IsImmutable = _codecs.IsImmutable(_type),
            IsRecursive = !_type.IsSealed || LeadsBackToItself(),
            Alias = Alias(),
            ConstructsByAccessor = construction.ByAccessor,
            ConstructorArguments = construction.Arguments.ToEquatable(),
            Bases = bases.Select(GeneratedNames.Of).ToEquatable(),
            Members = construction.Members.ToEquatable(),
            Diagnostics = _diagnostics.ToEquatable(),
        };
    }

    private bool CanBeNamed()
    {
        for (var type = _type; type is not null; type = type.ContainingType)
        {
            if (type.IsGenericType)
            {
                Report(CodecDiagnostics.GenericType, _type.ToDisplayString());
                return false;
            }

            if (!Accessibility.CanBeReached(type.DeclaredAccessibility))
            {
                Report(CodecDiagnostics.HiddenType, _type.ToDisplayString());
                return false;
            }
        }

        return true;
    }

    private List<INamedTypeSymbol> Bases()
    {
        var bases = new List<INamedTypeSymbol>();
        for (var level = _type.BaseType; level is not null && !IsRoot(level); level = level.BaseType)
        {
            var isHere = SymbolEqualityComparer.Default.Equals(level.ContainingAssembly, _home);
            if (isHere && !level.IsGenericType && ContractNames.HasGenerateSerializer(level))
                bases.Add(level);
            else if (!isHere || level.GetMembers().OfType<IFieldSymbol>().Any(field => !field.IsStatic))
                Report(CodecDiagnostics.UnmarkedBase, _type.Name, level.ToDisplayString());
        }

        return bases;
    }

    private static bool IsRoot(INamedTypeSymbol type) =>
        type.SpecialType is SpecialType.System_Object or SpecialType.System_ValueType;

    private string? Alias() => _type.GetAttributes()
        .FirstOrDefault(ContractNames.IsAlias)?.ConstructorArguments.FirstOrDefault().Value as string;

    private bool LeadsBackToItself()
    {
        var seen = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        var next = new Stack<ITypeSymbol>(Contents(_type));
        while (next.Count > 0)
        {
            var type = next.Pop();
            if (SymbolEqualityComparer.Default.Equals(type, _type))
                return true;
            if (!seen.Add(type))
                continue;
            foreach (var inner in Contents(type))
                next.Push(inner);
        }

        return false;
    }

    private IEnumerable<ITypeSymbol> Contents(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => [array.ElementType],
        INamedTypeSymbol { IsGenericType: true } generic => generic.TypeArguments,
        INamedTypeSymbol named when SymbolEqualityComparer.Default.Equals(named.ContainingAssembly, _home) =>
            named.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic && named.TypeKind != TypeKind.Enum)
                .Select(field => field.Type),
        _ => [],
    };

    private void Report(string id, params string[] arguments) =>
        _diagnostics.Add(new DiagnosticModel(id, LocationModel.Of(_type), arguments.ToEquatable()));
}

/// <summary>What code in another namespace of the same assembly can reach.</summary>
internal static class Accessibility
{
    public static bool CanBeReached(Microsoft.CodeAnalysis.Accessibility declared) => declared
        is Microsoft.CodeAnalysis.Accessibility.Public
        or Microsoft.CodeAnalysis.Accessibility.Internal
        or Microsoft.CodeAnalysis.Accessibility.ProtectedOrInternal;
}

/// <summary>Finds the parameters of a record's declaration.</summary>
internal static class RecordParameters
{
    /// <summary>The constructor that a record's declaration has; null for a record without parameters and for no record.</summary>
    public static IMethodSymbol? ConstructorOf(INamedTypeSymbol type) => type.IsRecord
        ? type.InstanceConstructors.FirstOrDefault(constructor => constructor.DeclaringSyntaxReferences
            .Any(reference => reference.GetSyntax() is RecordDeclarationSyntax { ParameterList: not null }))
        : null;
}
