using System.Diagnostics.CodeAnalysis;

namespace Grid.Codec;

/// <summary>
/// The bytes are not what the codec of the type writes (cut short, damaged, of another type, nested too deep), or a value
/// cannot be written. Bad bytes end in this exception and in no other.
/// </summary>
public sealed class CodecException : Exception
{
    /// <summary>Says what is wrong.</summary>
    public CodecException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong, and what found it.</summary>
    public CodecException(string message, Exception inner)
        : base(message, inner)
    {
    }

    [DoesNotReturn]
    internal static void Truncated() => throw new CodecException("The bytes end in the middle of a value.");

    [DoesNotReturn]
    internal static void TooDeep() =>
        throw new CodecException($"Values are nested deeper than {CodecLimits.DepthMax} levels, or refer to themselves.");

    [DoesNotReturn]
    internal static void OutOfRange(string type) => throw new CodecException($"A number is outside the range of {type}.");

    [DoesNotReturn]
    internal static void Malformed(string what) => throw new CodecException($"The bytes are not a valid {what}.");
}
