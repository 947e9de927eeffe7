using System.Buffers.Text;

namespace Grid.Bench.Load.Http;

internal enum ParseState
{
    /// <summary>The answer is incomplete: receive more and parse again from its start.</summary>
    Incomplete,
    Complete,

    /// <summary>Not an HTTP/1.1 answer, or one beyond the limits: the connection is unusable.</summary>
    Malformed,
}

/// <summary>The parts of an answer that a load client needs. The body points into the receive buffer.</summary>
internal readonly ref struct Response(
    int status,
    ReadOnlySpan<byte> body,
    bool keepAlive,
    int length,
    int retryAfterSeconds = 0
)
{
    public int Status { get; } = status;

    public ReadOnlySpan<byte> Body { get; } = body;

    public bool KeepAlive { get; } = keepAlive;

    /// <summary>The server's Retry-After; 0 without one.</summary>
    public int RetryAfterSeconds { get; } = retryAfterSeconds;

    /// <summary>Bytes of the receive buffer that this answer took.</summary>
    public int Length { get; } = length;
}

/// <summary>
/// Parses the status, the framing (content-length or chunked) and the body of one HTTP/1.1 answer from the bytes
/// received so far. It keeps nothing between calls: nearly every answer arrives in one piece; the others are parsed
/// again.
/// </summary>
internal static class ResponseParser
{
    public const int MaxHeadBytes = 16 * 1024;
    public const int BodyBytesMax = 8 * 1024 * 1024;
    public const int MaxRetryAfterSeconds = 3_600;

    public static ParseState TryParse(Span<byte> received, out Response response)
    {
        response = default;
        var head = received.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return received.Length > MaxHeadBytes ? ParseState.Malformed : ParseState.Incomplete;
        if (head > MaxHeadBytes || !TryStatus(received[..head], out var status, out var headers))
            return ParseState.Malformed;

        var framing = ReadHeaders(headers);
        if (framing.Malformed)
            return ParseState.Malformed;
        var bodyStart = head + 4;
        if (status is 204 or 304)
            framing = framing with { ContentLength = 0, Chunked = false };
        if (framing.Chunked)
            return Chunks(received, bodyStart, status, framing, out response);
        // Without a length the body ends with the connection: useless for a keep-alive client.
        if (framing.ContentLength < 0)
            return ParseState.Malformed;
        if (received.Length - bodyStart < framing.ContentLength)
            return ParseState.Incomplete;
        var length = (int)framing.ContentLength;
        response = new Response(
            status,
            received.Slice(bodyStart, length),
            framing.KeepAlive,
            bodyStart + length,
            framing.RetryAfterSeconds
        );
        return ParseState.Complete;
    }

    // "HTTP/1.1 200 OK"
    private static bool TryStatus(ReadOnlySpan<byte> head, out int status, out ReadOnlySpan<byte> headers)
    {
        status = 0;
        headers = default;
        if (head.Length < 12 || !head.StartsWith("HTTP/1.1 "u8))
            return false;
        if (
            !Utf8Parser.TryParse(head.Slice(9, 3), out status, out var digits)
            || digits != 3
            || status is < 200 or > 599
        )
            return false;
        var line = head.IndexOf("\r\n"u8);
        headers = line < 0 ? default : head[(line + 2)..];
        return true;
    }

    private readonly record struct Framing(
        long ContentLength,
        bool Chunked,
        bool KeepAlive,
        bool Malformed,
        int RetryAfterSeconds
    );

    private static Framing ReadHeaders(ReadOnlySpan<byte> headers)
    {
        var framing = new Framing(-1, false, true, false, 0);
        while (!headers.IsEmpty)
        {
            var end = headers.IndexOf("\r\n"u8);
            var line = end < 0 ? headers : headers[..end];
            headers = end < 0 ? default : headers[(end + 2)..];
            // Only names that start with c, t or r matter; the length excludes nearly all others.
            if (Value(line, "content-length"u8, out var value))
            {
                if (
                    !Utf8Parser.TryParse(value, out long length, out var used)
                    || used != value.Length
                    || length is < 0 or > BodyBytesMax
                )
                    return framing with { Malformed = true };
                framing = framing with { ContentLength = length };
            }
            else if (Value(line, "transfer-encoding"u8, out value))
            {
                framing = framing with
                {
                    Chunked = EqualsIgnoreCase(value, "chunked"u8),
                    Malformed = !EqualsIgnoreCase(value, "chunked"u8),
                };
            }
            else if (Value(line, "connection"u8, out value) && EqualsIgnoreCase(value, "close"u8))
            {
                framing = framing with { KeepAlive = false };
            }
            else if (
                Value(line, "retry-after"u8, out value)
                && Utf8Parser.TryParse(value, out int seconds, out var digits)
                && digits == value.Length
            )
            {
                // No server here sends the other form, a date.
                framing = framing with { RetryAfterSeconds = Math.Clamp(seconds, 0, MaxRetryAfterSeconds) };
            }
        }
        return framing;
    }

    private static bool Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> lowerName, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (
            line.Length <= lowerName.Length
            || line[lowerName.Length] != ':'
            || !EqualsIgnoreCase(line[..lowerName.Length], lowerName)
        )
            return false;
        value = line[(lowerName.Length + 1)..].Trim((byte)' ');
        return true;
    }

    private static bool EqualsIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) =>
        System.Text.Ascii.EqualsIgnoreCase(text, lower);

    // First checks that all chunks have arrived, then moves them together in place: an incomplete answer must keep its
    // bytes.
    private static ParseState Chunks(
        Span<byte> received,
        int bodyStart,
        int status,
        Framing framing,
        out Response response
    )
    {
        response = default;
        var state = WalkChunks(received, bodyStart, move: false, out _, out _);
        if (state != ParseState.Complete)
            return state;
        WalkChunks(received, bodyStart, move: true, out var bodyLength, out var end);
        response = new Response(
            status,
            received.Slice(bodyStart, bodyLength),
            framing.KeepAlive,
            end,
            framing.RetryAfterSeconds
        );
        return ParseState.Complete;
    }

    private static ParseState WalkChunks(Span<byte> received, int bodyStart, bool move, out int bodyLength, out int end)
    {
        bodyLength = 0;
        end = bodyStart;
        while (true)
        {
            var line = received[end..].IndexOf("\r\n"u8);
            if (line < 0)
                return received.Length - end > 64 ? ParseState.Malformed : ParseState.Incomplete;
            if (
                !Utf8Parser.TryParse(received.Slice(end, line), out int size, out var digits, 'x')
                || digits == 0
                || size < 0
            )
                return ParseState.Malformed;
            var data = end + line + 2;
            if (size > BodyBytesMax - bodyLength)
                return ParseState.Malformed;
            if (received.Length < data + size + 2)
                return ParseState.Incomplete;
            if (received[data + size] != '\r' || received[data + size + 1] != '\n')
                return ParseState.Malformed; // also a trailer, which no server here sends
            end = data + size + 2;
            if (size == 0)
                return ParseState.Complete;
            if (move)
                received.Slice(data, size).CopyTo(received[(bodyStart + bodyLength)..]);
            bodyLength += size;
        }
    }
}
