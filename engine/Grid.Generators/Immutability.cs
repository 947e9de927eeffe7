using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>Decides which values can be handed to somebody else without a copy.</summary>
/// <param name="home">The assembly that is being compiled: only there are the fields of a type known.</param>
internal sealed class Immutability(IAssemblySymbol home)
{
    private readonly Dictionary<ITypeSymbol, bool> _known = new(SymbolEqualityComparer.Default);

    /// <summary>Whether nothing that can be reached from a value of the type can change.</summary>
    public bool Of(ITypeSymbol type)
    {
        if (!_known.TryGetValue(type, out var known))
            _known[type] = known = Of(type, new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default));
        return known;
    }

    // A type that leads back to itself is as immutable as the rest of it, so each is looked at once. What is found on the
    // way holds for the type that was asked about alone, and is not kept.
    private bool Of(ITypeSymbol type, HashSet<ITypeSymbol> seen)
    {
        if (type.TypeKind == TypeKind.Enum || IsKnownValue(type) || !seen.Add(type))
            return true;
        if (type is not INamedTypeSymbol named)
            return false;
        if (type.GetAttributes().Any(ContractNames.IsImmutable))
            return true;
        if (named.IsTupleType)
            return named.TupleElements.All(element => Of(element.Type, seen));
        if (named.IsGenericType)
            return IsImmutableContainer(named) && named.TypeArguments.All(argument => Of(argument, seen));
        if (!SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, home))
            return false;
        return named.IsValueType ? FieldsAreImmutable(named, mustBeReadOnly: false, seen) : IsImmutableClass(named, seen);
    }

    private bool IsImmutableClass(INamedTypeSymbol type, HashSet<ITypeSymbol> seen)
    {
        if (type.TypeKind != TypeKind.Class || !type.IsSealed)
            return false;
        for (var level = type; level is not null && level.SpecialType != SpecialType.System_Object; level = level.BaseType)
        {
            if (!SymbolEqualityComparer.Default.Equals(level.ContainingAssembly, home))
                return false;
            if (!FieldsAreImmutable(level, mustBeReadOnly: true, seen))
                return false;
        }

        return true;
    }

    // A struct is copied as it is handed over, so its fields may change; what they refer to may not.
    private bool FieldsAreImmutable(INamedTypeSymbol type, bool mustBeReadOnly, HashSet<ITypeSymbol> seen) =>
        type.GetMembers().OfType<IFieldSymbol>()
            .Where(field => !field.IsStatic)
            .All(field => (field.IsReadOnly || !mustBeReadOnly) && Of(field.Type, seen));

    private static bool IsImmutableContainer(INamedTypeSymbol type) =>
        type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T
        || type.OriginalDefinition.ToDisplayString() is "System.Collections.Generic.KeyValuePair<TKey, TValue>"
            or "System.Collections.Immutable.ImmutableArray<T>";

    private static bool IsKnownValue(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Boolean or SpecialType.System_Char or SpecialType.System_String or SpecialType.System_Decimal
            or SpecialType.System_SByte or SpecialType.System_Byte or SpecialType.System_Int16 or SpecialType.System_UInt16
            or SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Int64 or SpecialType.System_UInt64
            or SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_DateTime => true,
        _ => type is INamedTypeSymbol
        {
            Arity: 0,
            ContainingType: null,
            Name: "Guid" or "DateTimeOffset" or "TimeSpan" or "DateOnly" or "TimeOnly" or "Exception",
            ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true },
        },
    };
}
