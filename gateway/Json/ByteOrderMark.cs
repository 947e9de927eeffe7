using System.Buffers;

namespace Grid.Gateway.Json;

/// <summary>The byte order mark that some writers put before UTF-8. RFC 8259 lets a reader skip it.</summary>
internal static class ByteOrderMark
{
    private const int Length = 3;

    /// <summary>The body without the mark.</summary>
    internal static ReadOnlySequence<byte> Skip(in ReadOnlySequence<byte> body)
    {
        // JSON never begins with the first byte of the mark.
        if (body.IsEmpty || body.FirstSpan[0] != 0xEF || body.Length < Length)
            return body;
        Span<byte> head = stackalloc byte[Length];
        body.Slice(0, Length).CopyTo(head);
        return head.SequenceEqual("\uFEFF"u8) ? body.Slice(Length) : body;
    }
}
