using Microsoft.CodeAnalysis;

namespace Grid.Generators;

/// <summary>What <c>Grid.Codec.WireType</c> says, for the constants in generated code.</summary>
internal enum Wire
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed128 = 3,
    Time = 4,
    Fixed32 = 5,
}

/// <summary>When a field is there, and what a missing one means.</summary>
internal enum Presence
{
    /// <summary>Left out when default; missing is default.</summary>
    Value,

    /// <summary>A <c>Nullable</c>: left out when it has no value; written even when its value is default.</summary>
    Nullable,

    /// <summary>An object: left out when null.</summary>
    Reference,

    /// <summary>Text or a collection: as <see cref="Reference"/>, but empty counts as missing where null is not allowed.</summary>
    Collection,

    /// <summary>A collection that is a struct: empty counts as missing.</summary>
    ValueCollection,
}

/// <summary>The codec of a type, by name.</summary>
/// <param name="Name">The full name of the struct; empty when there is none.</param>
/// <param name="Wire">How a field of the type is stepped over.</param>
/// <param name="Presence">When a field of the type is there.</param>
internal readonly record struct TypeCodec(string Name, Wire Wire, Presence Presence)
{
    /// <summary>The codec of the value in a <c>Nullable</c>.</summary>
    public string? Inner { get; init; }

    /// <summary>The type that has no codec, when there is none.</summary>
    public ITypeSymbol? Culprit { get; init; }

    public static TypeCodec None(ITypeSymbol culprit) => new("", Wire.Bytes, Presence.Value) { Culprit = culprit };
}
