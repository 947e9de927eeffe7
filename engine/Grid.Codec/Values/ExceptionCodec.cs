using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Grid.Codec.Values;

/// <summary>
/// An exception by name, message, stack and inner exceptions, each cut to a bound. What is read has the stack of the
/// process that threw it, in front of its own.
/// </summary>
public readonly struct ExceptionCodec : IValueCodec<Exception>
{
    private const int InnerMax = 8;
    private const int MessageCharsMax = 4096;
    private const int StackCharsMax = 16384;
    private const int DetailsMax = 16;

    /// <inheritdoc/>
    public static WireType Wire => WireType.Bytes;

    /// <inheritdoc/>
    public static bool IsImmutable => true;

    /// <inheritdoc/>
    public static bool IsDefault(Exception? value) => value is null;

    /// <inheritdoc/>
    public static void Write(ref CodecWriter writer, Exception? value) => Write(ref writer, value, InnerMax);

    /// <inheritdoc/>
    public static Exception? Read(ref CodecReader reader) => Read(ref reader, InnerMax);

    /// <inheritdoc/>
    [return: NotNullIfNotNull(nameof(value))]
    public static Exception? Copy(Exception? value) => value;

    private static void Write(ref CodecWriter writer, Exception? value, int innerLeft)
    {
        if (value is null)
        {
            writer.WriteNull();
            return;
        }

        var known = KnownExceptions.Of(value.GetType());
        var mark = writer.BeginNested();
        writer.WriteText(known?.Name ?? value.GetType().FullName);
        writer.WriteText(Cut(value.Message, MessageCharsMax));
        writer.WriteText(Cut(value.StackTrace, StackCharsMax));
        Write(ref writer, innerLeft > 0 ? value.InnerException : null, innerLeft - 1);
        var details = known?.Describe?.Invoke(value) ?? [];
        writer.WriteVarint((uint)Math.Min(details.Length, DetailsMax));
        foreach (var detail in details.AsSpan(0, Math.Min(details.Length, DetailsMax)))
            StringCodec.Write(ref writer, detail?[..Math.Min(detail.Length, MessageCharsMax)]);
        writer.EndNested(mark);
    }

    private static Exception? Read(ref CodecReader reader, int innerLeft)
    {
        if (!reader.TryBeginNested(out var outer))
            return null;
        if (innerLeft < 0)
            CodecException.Malformed("exception: too many inner ones");
        var name = reader.ReadText() ?? "";
        var message = reader.ReadText() ?? "";
        var stack = reader.ReadText();
        var inner = Read(ref reader, innerLeft - 1);
        var count = reader.ReadCount();
        if (count > DetailsMax)
            CodecException.Malformed("exception: too many details");
        var details = new string?[count];
        foreach (ref var detail in details.AsSpan())
            detail = reader.ReadText();
        reader.EndNested(outer);
        return Rebuild(new ExceptionImage(name, message, inner, [.. details]), stack);
    }

    private static Exception Rebuild(ExceptionImage image, string? stack)
    {
        var rebuilt = KnownExceptions.Of(image.Type)?.Rebuild(image)
            ?? new RemoteGrainException(image.Type, image.Message, image.Inner);
        return string.IsNullOrEmpty(stack) ? rebuilt : ExceptionDispatchInfo.SetRemoteStackTrace(rebuilt, stack);
    }

    private static ReadOnlySpan<char> Cut(string? text, int charsMax) => text.AsSpan(0, Math.Min(text?.Length ?? 0, charsMax));
}
