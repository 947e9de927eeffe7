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
    /// <summary>The type within <paramref name="type"/> (or itself) that has no codec; null when all have one.</summary>
    public ITypeSymbol? Unsupported(ITypeSymbol type) => throw new NotImplementedException();

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
    public bool IsImmutable(ITypeSymbol type) => throw new NotImplementedException();

    /// <summary>The full name of the struct that implements <c>IValueCodec</c> for the type.</summary>
    public string CodecOf(ITypeSymbol type) => throw new NotImplementedException(home.Name);
}
