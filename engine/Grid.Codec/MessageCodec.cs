using System.ComponentModel;
using System.Text;

namespace Grid.Codec;

/// <summary>What generated codecs have in common. Not for use by hand.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class MessageCodec
{
    private const int AliasShownBytes = 64;

    /// <summary>
    /// Steps over a field that this version does not know. A field that it does know, with a wire type that it does not
    /// write, is refused: its member has changed its type, and dropping it would lose what is stored.
    /// </summary>
    public static void Skip(ref CodecReader reader, uint key, ReadOnlySpan<uint> known)
    {
        if ((WireType)(key & 7) != WireType.Part && known.Contains(key >> 3))
            throw new CodecException($"Field {key >> 3} has wire type {key & 7}, which its member does not have.");
        reader.Skip(key);
    }

    /// <summary>Begins a message whose type is derived from the declared one.</summary>
    public static void WriteAlias(ref CodecWriter writer, ReadOnlySpan<byte> alias)
    {
        writer.WriteKey(MessageParts.AliasKey);
        writer.WriteBytes(alias);
    }

    /// <summary>The object is of a class that the declared one does not know as derived from it.</summary>
    public static CodecException UnknownType(Type actual, Type declared) =>
        new($"{actual} cannot be written as {declared}: mark it with [GenerateSerializer] and [Alias] in the same assembly.");

    /// <summary>The bytes name a derived class that this version does not have.</summary>
    public static CodecException UnknownAlias(ReadOnlySpan<byte> alias, Type declared) =>
        new($"'{Encoding.UTF8.GetString(alias[..Math.Min(alias.Length, AliasShownBytes)])}' is no alias of a type derived from {declared}.");

    /// <summary>The bytes name no derived class, and the declared one is abstract.</summary>
    public static CodecException MissingAlias(Type declared) =>
        new($"The bytes do not say which type derived from {declared} they are.");
}
