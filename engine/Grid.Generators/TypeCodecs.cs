using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>
/// Writes the C# that encodes, decodes and copies a value of any type that the codec knows. The types are those of
/// <c>Grid.Codec.Values</c> put together (<c>ListCodec&lt;int, Int32Codec&gt;</c>), so that no helper has to be emitted:
/// an expression can stand anywhere where a <c>CodecWriter</c> or <c>CodecReader</c> variable is at hand.
/// <para>
/// Use, for an argument of a call: <c>codecs.WriteExpression(parameter.Type, "arg0")</c> gives
/// <c>global::Grid.Codec.Values.Int32Codec.Write(ref writer, arg0)</c> (a statement without its semicolon);
/// <c>codecs.ReadExpression(parameter.Type)</c> an expression of the parameter's type; <c>codecs.CopyExpression(parameter.Type,
/// "arg0")</c> the deep copy, or <c>arg0</c> itself when <see cref="IsImmutable"/>. Ask <see cref="Unsupported"/> first and
/// report what it returns. Each value delimits itself; write them one behind the other. Reference types may be null.
/// </para>
/// </summary>
/// <param name="home">The assembly that is being compiled, where generated codecs are reached by name.</param>
internal sealed class TypeCodecs(IAssemblySymbol home)
{
    private readonly Immutability _immutability = new(home);

    /// <summary>The type within <paramref name="type"/> (or itself) that has no codec; null when all have one.</summary>
    public ITypeSymbol? Unsupported(ITypeSymbol type) => TryCodecOf(type, out var codec) ? null : codec.Culprit;

    /// <summary>A call that appends <paramref name="expression"/> to the <c>CodecWriter</c> variable.</summary>
    public string WriteExpression(ITypeSymbol type, string expression, string writer = "writer") =>
        $"{CodecOf(type)}.Write(ref {writer}, {expression})";

    /// <summary>An expression that reads a value of the type from the <c>CodecReader</c> variable.</summary>
    public string ReadExpression(ITypeSymbol type, string reader = "reader") => $"{CodecOf(type)}.Read(ref {reader})";

    /// <summary>An expression that copies so that no mutable object is shared.</summary>
    public string CopyExpression(ITypeSymbol type, string expression) =>
        IsImmutable(type) ? expression : $"{CodecOf(type)}.Copy({expression})";

    /// <summary>
    /// Whether a value can be handed over as it is: known immutable types, those marked <c>[Immutable]</c>, and sealed types
    /// of this assembly whose fields are all read-only and immutable.
    /// </summary>
    public bool IsImmutable(ITypeSymbol type) => _immutability.Of(type);

    /// <summary>The full name of the struct that implements <c>IValueCodec</c> for the type.</summary>
    /// <exception cref="NotSupportedException">There is none; <see cref="Unsupported"/> says which type is to blame.</exception>
    public string CodecOf(ITypeSymbol type) => TryCodecOf(type, out var codec)
        ? codec.Name
        : throw new NotSupportedException($"{codec.Culprit} has no codec.");

    /// <summary>Everything that the emitter of a message wants to know of a member's type.</summary>
    public bool TryCodecOf(ITypeSymbol type, out TypeCodec codec)
    {
        codec = Find(type);
        return codec.Culprit is null;
    }

    private TypeCodec Find(ITypeSymbol type)
    {
        if (Known(type) is { } known)
            return known;
        return type switch
        {
            { TypeKind: TypeKind.Enum } => Enum((INamedTypeSymbol)type),
            IArrayTypeSymbol { IsSZArray: true } array => array.ElementType.SpecialType == SpecialType.System_Byte
                ? new TypeCodec(Values("ByteArrayCodec"), Wire.Bytes, Presence.Collection)
                : Composed("ArrayCodec", Presence.Collection, array.ElementType),
            INamedTypeSymbol { IsGenericType: true } generic => Generic(generic),
            INamedTypeSymbol named when ContractNames.HasGenerateSerializer(named) => Generated(named),
            _ => TypeCodec.None(type),
        };
    }

    private static TypeCodec? Known(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Boolean => Value("BooleanCodec", Wire.Varint),
        SpecialType.System_Byte => Value("ByteCodec", Wire.Varint),
        SpecialType.System_SByte => Value("SByteCodec", Wire.Varint),
        SpecialType.System_Int16 => Value("Int16Codec", Wire.Varint),
        SpecialType.System_UInt16 => Value("UInt16Codec", Wire.Varint),
        SpecialType.System_Char => Value("CharCodec", Wire.Varint),
        SpecialType.System_Int32 => Value("Int32Codec", Wire.Varint),
        SpecialType.System_UInt32 => Value("UInt32Codec", Wire.Varint),
        SpecialType.System_Int64 => Value("Int64Codec", Wire.Varint),
        SpecialType.System_UInt64 => Value("UInt64Codec", Wire.Varint),
        SpecialType.System_Single => Value("SingleCodec", Wire.Fixed32),
        SpecialType.System_Double => Value("DoubleCodec", Wire.Fixed64),
        SpecialType.System_Decimal => Value("DecimalCodec", Wire.Fixed128),
        SpecialType.System_DateTime => Value("DateTimeCodec", Wire.Fixed64),
        SpecialType.System_String => new TypeCodec(Values("StringCodec"), Wire.Bytes, Presence.Collection),
        _ => type is INamedTypeSymbol { Arity: 0 } && IsInSystem(type) ? KnownByName(type.Name) : null,
    };

    private static TypeCodec? KnownByName(string name) => name switch
    {
        "Guid" => Value("GuidCodec", Wire.Fixed128),
        "DateTimeOffset" => Value("DateTimeOffsetCodec", Wire.Time),
        "TimeSpan" => Value("TimeSpanCodec", Wire.Varint),
        "DateOnly" => Value("DateOnlyCodec", Wire.Varint),
        "TimeOnly" => Value("TimeOnlyCodec", Wire.Varint),
        "Exception" => new TypeCodec(Values("ExceptionCodec"), Wire.Bytes, Presence.Reference),
        _ => null,
    };

    private TypeCodec Enum(INamedTypeSymbol type)
    {
        var number = type.EnumUnderlyingType!;
        var codec = Known(number)!.Value;
        return codec with { Name = Values($"EnumCodec<{Name(type)}, {Name(number)}, {codec.Name}>") };
    }

    private TypeCodec Generic(INamedTypeSymbol type)
    {
        if (type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            return Nullable(type);
        if (type.IsTupleType)
            return type.TupleElements.Length is >= 2 and <= 4
                ? Composed($"Tuple{type.TupleElements.Length}Codec", Presence.Value, [.. type.TupleElements.Select(e => e.Type)])
                : TypeCodec.None(type);
        return type.OriginalDefinition.ToDisplayString() switch
        {
            "System.Collections.Generic.List<T>" => Composed("ListCodec", Presence.Collection, type),
            "System.Collections.Generic.HashSet<T>" => Composed("HashSetCodec", Presence.Collection, type),
            "System.Collections.Generic.Dictionary<TKey, TValue>" => Composed("DictionaryCodec", Presence.Collection, type),
            "System.Collections.Generic.IReadOnlyList<T>" => Composed("ReadOnlyListCodec", Presence.Collection, type),
            "System.Collections.Generic.IReadOnlyCollection<T>" => Composed("ReadOnlyCollectionCodec", Presence.Collection, type),
            "System.Collections.Generic.IReadOnlyDictionary<TKey, TValue>" =>
                Composed("ReadOnlyDictionaryCodec", Presence.Collection, type),
            "System.Collections.Generic.KeyValuePair<TKey, TValue>" => Composed("KeyValuePairCodec", Presence.Value, type),
            "System.Collections.Immutable.ImmutableArray<T>" => Composed("ImmutableArrayCodec", Presence.ValueCollection, type),
            "System.ReadOnlyMemory<T>" when type.TypeArguments[0].SpecialType == SpecialType.System_Byte =>
                new TypeCodec(Values("ReadOnlyMemoryCodec"), Wire.Bytes, Presence.ValueCollection),
            _ => TypeCodec.None(type),
        };
    }

    private TypeCodec Nullable(INamedTypeSymbol type)
    {
        var inner = Find(type.TypeArguments[0]);
        if (inner.Culprit is not null)
            return inner;
        // As a field it is there or not, and needs no more than its value's codec; anywhere else it carries a mark of its own.
        return new TypeCodec(Values($"NullableCodec<{Name(type.TypeArguments[0])}, {inner.Name}>"), inner.Wire, Presence.Nullable)
        {
            Inner = inner.Name,
        };
    }

    private TypeCodec Composed(string codec, Presence presence, INamedTypeSymbol type) =>
        Composed(codec, presence, (ITypeSymbol[])[.. type.TypeArguments]);

    private TypeCodec Composed(string codec, Presence presence, params ITypeSymbol[] arguments)
    {
        var names = new List<string>(arguments.Length * 2);
        foreach (var argument in arguments)
        {
            var inner = Find(argument);
            if (inner.Culprit is not null)
                return inner;
            names.Add(Name(argument));
            names.Add(inner.Name);
        }

        return new TypeCodec(Values($"{codec}<{string.Join(", ", names)}>"), Wire.Bytes, presence);
    }

    private TypeCodec Generated(INamedTypeSymbol type)
    {
        var presence = type.IsValueType ? Presence.Value : Presence.Reference;
        return SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, home)
            ? new TypeCodec(GeneratedNames.Codec(type), Wire.Bytes, presence)
            : new TypeCodec(Values($"RegisteredCodec<{Name(type)}>"), Wire.Bytes, presence);
    }

    private static TypeCodec Value(string codec, Wire wire) => new(Values(codec), wire, Presence.Value);

    private static string Values(string codec) => "global::Grid.Codec.Values." + codec;

    private static string Name(ITypeSymbol type) => GeneratedNames.Of(type);

    private static bool IsInSystem(ITypeSymbol type) =>
        type.ContainingType is null
        && type.ContainingNamespace is { Name: "System", ContainingNamespace.IsGlobalNamespace: true };
}
