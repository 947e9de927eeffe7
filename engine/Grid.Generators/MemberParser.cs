using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Grid.Generators;

/// <summary>Reads the members that one class of a hierarchy declares.</summary>
/// <param name="type">The class.</param>
/// <param name="level">How many classes derive from it on the way to the type that gets the codec.</param>
internal sealed class MemberParser(INamedTypeSymbol type, int level, TypeCodecs codecs, List<DiagnosticModel> diagnostics)
{
    private const uint IdMax = (1u << 29) - 1;

    private readonly IMethodSymbol? _recordConstructor = RecordParameters.ConstructorOf(type);
    private readonly HashSet<(MemberPart, uint)> _ids = [];
    private bool _hasMixedIds;

    public IEnumerable<MemberModel> Parse()
    {
        var implicitIds = ImplicitIds();
        foreach (var member in type.GetMembers())
        {
            if (member.IsStatic || Stored(member) is not { } storedType)
                continue;
            var parameter = _recordConstructor?.Parameters.FirstOrDefault(candidate => candidate.Name == member.Name);
            var explicitId = IdOf(member) ?? (parameter is null ? null : IdOf(parameter));
            if (explicitId is null && (parameter is null || !implicitIds))
            {
                if (!IsLeftOut(member) && !_hasMixedIds)
                    Report(CodecDiagnostics.MissingId, member, member.Name, type.Name);
                continue;
            }

            var id = explicitId ?? (uint)parameter!.Ordinal;
            var part = implicitIds && explicitId is not null ? MemberPart.Body : MemberPart.Fields;
            if (Model(member, storedType, id, part, parameter) is { } model)
                yield return model;
        }
    }

    /// <summary>A record without ids on its parameters counts them by their order, apart from the ids in its body.</summary>
    private bool ImplicitIds()
    {
        if (_recordConstructor is null)
            return false;
        var own = _recordConstructor.Parameters
            .Where(parameter => type.GetMembers(parameter.Name).Any(member => Stored(member) is not null))
            .ToArray();
        var withId = own.Count(parameter =>
            IdOf(parameter) is not null || type.GetMembers(parameter.Name).Any(member => IdOf(member) is not null));
        _hasMixedIds = withId > 0 && withId < own.Length;
        if (_hasMixedIds)
            Report(CodecDiagnostics.MixedParameterIds, type, type.Name);
        return withId == 0 && own.Length > 0;
    }

    private MemberModel? Model(ISymbol member, ITypeSymbol memberType, uint id, MemberPart part, IParameterSymbol? parameter)
    {
        if (id > IdMax)
            Report(CodecDiagnostics.IdTooLarge, member, member.Name, type.Name, id.ToString());
        if (!_ids.Add((part, id)))
            Report(CodecDiagnostics.DuplicateId, member, member.Name, type.Name, id.ToString());
        if (!codecs.TryCodecOf(memberType, out var codec))
        {
            Report(CodecDiagnostics.UnsupportedType, member, member.Name, type.Name, codec.Culprit!.ToDisplayString());
            return null;
        }

        var mayBeNull = memberType.NullableAnnotation == NullableAnnotation.Annotated;
        var isKnownNotNull = memberType.NullableAnnotation == NullableAnnotation.NotAnnotated;
        var emptyIsMissing = codec.Presence == Presence.ValueCollection
            || (codec.Presence == Presence.Collection && isKnownNotNull && !mayBeNull);
        return new MemberModel(
            member.Name,
            id,
            level,
            part,
            GeneratedNames.Of(memberType),
            GeneratedNames.Of(type),
            codec.Inner ?? codec.Name,
            codec.Wire,
            codec.Presence)
        {
            EmptyIsMissing = emptyIsMissing,
            KeepsInitializer = parameter is null && !IsRequired(member) && KeepsInitializer(member, codec.Presence, isKnownNotNull),
            IsImmutable = codecs.IsImmutable(memberType) || member.GetAttributes().Any(ContractNames.IsImmutable),
            Get = GetAccess(member),
            Set = SetAccess(member),
            FieldName = member is IPropertySymbol ? $"<{member.Name}>k__BackingField" : member.Name,
        };
    }

    /// <summary>The type of a field or of a property that is stored; null for everything else.</summary>
    private ITypeSymbol? Stored(ISymbol member) => member switch
    {
        IFieldSymbol { IsImplicitlyDeclared: false, AssociatedSymbol: null, IsConst: false } field => field.Type,
        IPropertySymbol { IsIndexer: false } property when BackingField(property) is not null || IdOf(property) is not null =>
            property.Type,
        _ => null,
    };

    private IFieldSymbol? BackingField(IPropertySymbol property) => type.GetMembers().OfType<IFieldSymbol>()
        .FirstOrDefault(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    private uint? IdOf(ISymbol symbol)
    {
        var attributes = symbol is IPropertySymbol property && BackingField(property) is { } field
            ? symbol.GetAttributes().Concat(field.GetAttributes())
            : symbol.GetAttributes();
        var id = attributes.FirstOrDefault(ContractNames.IsId);
        return id is null ? null : id.ConstructorArguments.FirstOrDefault().Value switch
        {
            uint value => value,
            _ => 0,
        };
    }

    private bool IsLeftOut(ISymbol member)
    {
        var field = member as IFieldSymbol ?? BackingField((IPropertySymbol)member);
        return field is not null && field.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "NonSerializedAttribute");
    }

    /// <summary>
    /// Whether a missing field must leave the member as its initialiser made it. For a value it is then always written, as
    /// its default differs from what a missing one means. Initialisers that only say "empty" count as none.
    /// </summary>
    private static bool KeepsInitializer(ISymbol member, Presence presence, bool isKnownNotNull)
    {
        var initializer = member.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() switch
        {
            PropertyDeclarationSyntax property => property.Initializer?.Value,
            VariableDeclaratorSyntax field => field.Initializer?.Value,
            _ => null,
        };
        return presence switch
        {
            _ when initializer is null => false,
            Presence.Nullable => false,
            Presence.Reference => isKnownNotNull,
            Presence.Collection or Presence.ValueCollection => !SaysEmpty(initializer) && isKnownNotNull,
            _ => !SaysDefault(initializer),
        };
    }

    private static bool IsRequired(ISymbol member) => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true };

    private static bool SaysEmpty(ExpressionSyntax initializer) => initializer switch
    {
        CollectionExpressionSyntax collection => collection.Elements.Count == 0,
        BaseObjectCreationExpressionSyntax creation =>
            creation.Initializer is null && (creation.ArgumentList is null || creation.ArgumentList.Arguments.Count == 0),
        LiteralExpressionSyntax literal => literal.Token.ValueText.Length == 0 || IsDefaultOrNull(literal),
        PostfixUnaryExpressionSyntax postfix => postfix.IsKind(SyntaxKind.SuppressNullableWarningExpression) && SaysEmpty(postfix.Operand),
        _ => initializer.ToString() is "string.Empty" or "String.Empty" || initializer.ToString().EndsWith(".Empty", StringComparison.Ordinal),
    };

    private static bool SaysDefault(ExpressionSyntax initializer) => initializer switch
    {
        LiteralExpressionSyntax literal => IsDefaultOrNull(literal) || literal.Token.Value is 0 or 0u or 0L or 0UL or false,
        DefaultExpressionSyntax => true,
        _ => false,
    };

    private static bool IsDefaultOrNull(LiteralExpressionSyntax literal) =>
        literal.IsKind(SyntaxKind.DefaultLiteralExpression) || literal.IsKind(SyntaxKind.NullLiteralExpression);

    private static MemberAccess GetAccess(ISymbol member) => member switch
    {
        IPropertySymbol { GetMethod: null } => MemberAccess.FieldAccessor,
        IPropertySymbol property => Accessibility.CanBeReached(Narrower(property, property.GetMethod!))
            ? MemberAccess.Direct
            : MemberAccess.PropertyAccessor,
        _ => Accessibility.CanBeReached(member.DeclaredAccessibility) ? MemberAccess.Direct : MemberAccess.FieldAccessor,
    };

    private static MemberAccess SetAccess(ISymbol member)
    {
        if (member is not IPropertySymbol property)
        {
            var isOpen = Accessibility.CanBeReached(member.DeclaredAccessibility) && member is IFieldSymbol { IsReadOnly: false };
            return !isOpen ? MemberAccess.FieldAccessor
                : member is IFieldSymbol { IsRequired: true } ? MemberAccess.Initializer
                : MemberAccess.Direct;
        }

        if (property.SetMethod is not { } setter)
            return MemberAccess.FieldAccessor;
        if (!Accessibility.CanBeReached(Narrower(property, setter)))
            return MemberAccess.PropertyAccessor;
        return setter.IsInitOnly || property.IsRequired ? MemberAccess.Initializer : MemberAccess.Direct;
    }

    private static Microsoft.CodeAnalysis.Accessibility Narrower(IPropertySymbol property, IMethodSymbol accessor) =>
        Accessibility.CanBeReached(property.DeclaredAccessibility) ? accessor.DeclaredAccessibility : property.DeclaredAccessibility;

    private void Report(string id, ISymbol symbol, params string[] arguments)
    {
        // A base class reports its own faults.
        if (level == 0)
            diagnostics.Add(new DiagnosticModel(id, LocationModel.Of(symbol), arguments.ToEquatable()));
    }
}
