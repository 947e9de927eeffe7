using System.Diagnostics.CodeAnalysis;

namespace Grid.Codec;

/// <summary>
/// Turns values of one type into bytes and back. A written value delimits itself, so several can follow each other.
/// Codecs keep no state and may be used by any number of threads at once.
/// </summary>
/// <typeparam name="T">The type that is written.</typeparam>
public interface ICodec<T>
{
    /// <summary>Appends the value.</summary>
    /// <exception cref="CodecException">The value is nested too deep, too long, or of a type without a codec.</exception>
    void Write(ref CodecWriter writer, T? value);

    /// <summary>Reads the value at the reader's position and steps behind it.</summary>
    /// <exception cref="CodecException">The bytes are not a value of this type.</exception>
    T? Read(ref CodecReader reader);
}

/// <summary>Makes copies that share no mutable object with the original.</summary>
/// <typeparam name="T">The type that is copied.</typeparam>
public interface ICopier<T>
{
    /// <summary>A copy; the value itself where nothing in it can change.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    T? Copy(T? value);
}

/// <summary>
/// The same as <see cref="ICodec{T}"/> and <see cref="ICopier{T}"/> as static members of a struct: a collection that takes
/// its element's codec as a type argument is compiled for that element, without an indirect call. Generated codecs and
/// those in <c>Grid.Codec.Values</c> are of this kind.
/// </summary>
/// <typeparam name="T">The type that is written.</typeparam>
public interface IValueCodec<T>
{
    /// <summary>How a field of this type is stepped over.</summary>
    static abstract WireType Wire { get; }

    /// <summary>Whether a copy is the value itself, because nothing in it can change.</summary>
    static virtual bool IsImmutable => false;

    /// <summary>Whether a field with this value is left out of its message, because a missing one reads the same.</summary>
    static abstract bool IsDefault(T? value);

    /// <inheritdoc cref="ICodec{T}.Write"/>
    static abstract void Write(ref CodecWriter writer, T? value);

    /// <inheritdoc cref="ICodec{T}.Read"/>
    static abstract T? Read(ref CodecReader reader);

    /// <inheritdoc cref="ICopier{T}.Copy"/>
    [return: NotNullIfNotNull(nameof(value))]
    static abstract T? Copy(T? value);
}

/// <summary>
/// A codec of text or of a collection. A member that may not be null leaves an empty one out of its message, and reads a
/// missing one as empty.
/// </summary>
/// <typeparam name="T">The type that is written.</typeparam>
public interface IEmptyCodec<T>
{
    /// <summary>An empty value; a fresh one where it can be changed.</summary>
    static abstract T Empty { get; }

    /// <summary>Whether there is nothing in the value, or no value.</summary>
    static abstract bool IsEmpty([NotNullWhen(false)] T? value);
}
