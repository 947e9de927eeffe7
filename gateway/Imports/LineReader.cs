using System.Buffers;
using System.IO.Pipelines;

namespace Grid.Gateway.Imports;

/// <summary>The kind of a line in a stream.</summary>
internal enum LineKind
{
    /// <summary>A whole line, ended by a newline.</summary>
    Whole,

    /// <summary>The bytes after the last newline: the sender stopped half-way or omitted the newline.</summary>
    Last,

    /// <summary>Longer than the limit; skipped to its end.</summary>
    TooLong,

    /// <summary>No line is left.</summary>
    End,
}

/// <summary>
/// Splits a body of any length into lines while it arrives, with one line in memory at a time. Counts and skips blank
/// lines, drops a byte order mark at the start and a carriage return before a newline; a line that is too long affects
/// only itself.
/// </summary>
/// <param name="pipe">The body.</param>
/// <param name="maxLength">The longest line in bytes, without its line break.</param>
/// <param name="quoted">True for CSV: a line break inside a quoted value belongs to the value (RFC 4180).</param>
internal sealed class LineReader(PipeReader pipe, int maxLength, bool quoted = false)
{
    // Yield after this: one sender must not hold a thread for longer than 50 to 500 µs.
    private const int BytesBeforeYield = 64 << 10;
    private const int BytesOfLine = 64;
    private const int MaxMarkLength = 4;

    private byte[] _line = [];
    private bool _isStarted;
    private int _nextNumber = 1;
    private int _bytesSinceYield;

    private enum Place
    {
        FieldStart,
        Plain,
        Quoted,
        QuoteInQuoted,
    }

    /// <summary>The number of the last line read, from 1; for a record with line breaks, its first line.</summary>
    internal int Number { get; private set; }

    /// <summary>The last line read; valid until the next read.</summary>
    internal ReadOnlyMemory<byte> Line { get; private set; }

    internal async ValueTask<LineKind> ReadAsync(CancellationToken cancellation)
    {
        var skipping = false;
        var place = Place.FieldStart;
        while (true)
        {
            if (_bytesSinceYield >= BytesBeforeYield)
            {
                _bytesSinceYield = 0;
                await Task.Yield();
            }
            var read = await pipe.ReadAsync(cancellation);
            var buffer = read.Buffer;
            if (!_isStarted)
            {
                if (buffer.Length < MaxMarkLength && !read.IsCompleted)
                {
                    pipe.AdvanceTo(buffer.Start, buffer.End);
                    continue;
                }
                buffer = buffer.Slice(MarkLength(buffer));
                _isStarted = true;
            }
            if (!skipping)
            {
                place = Place.FieldStart;
                buffer = buffer.Slice(SkipBlankLines(buffer));
                Number = _nextNumber;
            }
            var end = FindEnd(buffer, ref place, out var breaks);
            if (end >= 0)
            {
                var line = buffer.Slice(0, end);
                var kind = skipping || LengthOf(line) > maxLength ? LineKind.TooLong : Take(line, LineKind.Whole);
                pipe.AdvanceTo(buffer.GetPosition(end + 1));
                _nextNumber += breaks + 1;
                Spend(end + BytesOfLine);
                skipping = false;
                if (kind == LineKind.Whole && Line.IsEmpty)
                    continue;
                return kind;
            }
            if (read.IsCompleted)
            {
                var kind = skipping || LengthOf(buffer) > maxLength ? LineKind.TooLong : Take(buffer, LineKind.Last);
                pipe.AdvanceTo(buffer.End);
                _nextNumber += breaks + 1;
                return kind == LineKind.Last && Line.IsEmpty ? LineKind.End : kind;
            }
            // One more byte may be the carriage return of a line of exactly the maximum length.
            if (skipping || buffer.Length > maxLength + 1)
            {
                skipping = true;
                _nextNumber += breaks;
                Spend(buffer.Length);
                pipe.AdvanceTo(buffer.End);
            }
            else
            {
                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }

    private void Spend(long bytes) => _bytesSinceYield += (int)Math.Min(bytes, BytesBeforeYield);

    // Byte order marks of UTF-8 and GB 18030.
    private static int MarkLength(ReadOnlySequence<byte> start)
    {
        Span<byte> head = stackalloc byte[MaxMarkLength];
        var length = (int)Math.Min(MaxMarkLength, start.Length);
        start.Slice(0, length).CopyTo(head);
        head = head[..length];
        return head.StartsWith("\uFEFF"u8) ? 3
            : head.SequenceEqual(new byte[] { 0x84, 0x31, 0x95, 0x33 }) ? MaxMarkLength
            : 0;
    }

    // Vectorized, so that a long run of line breaks is cheap.
    private long SkipBlankLines(ReadOnlySequence<byte> buffer)
    {
        var skipped = 0L;
        foreach (var memory in buffer)
        {
            var span = memory.Span;
            var length = span.IndexOfAnyExcept((byte)'\r', (byte)'\n');
            var blank = length < 0 ? span : span[..length];
            _nextNumber += blank.Count((byte)'\n');
            skipped += blank.Length;
            if (length >= 0)
                break;
        }
        Spend(skipped);
        return skipped;
    }

    /// <summary>The index of the line's end, or -1; then <paramref name="place"/> is the end of the bytes.</summary>
    private long FindEnd(ReadOnlySequence<byte> buffer, ref Place place, out int breaks)
    {
        breaks = 0;
        var at = 0L;
        foreach (var memory in buffer)
        {
            var end = quoted ? EndOfRecord(memory.Span, ref place, ref breaks) : memory.Span.IndexOf((byte)'\n');
            if (end >= 0)
                return at + end;
            at += memory.Length;
        }
        return -1;
    }

    private static int EndOfRecord(ReadOnlySpan<byte> span, ref Place place, ref int breaks)
    {
        for (var i = 0; i < span.Length; i++)
        {
            if (place == Place.Quoted)
            {
                var quote = span[i..].IndexOf((byte)'"');
                breaks += span[i..(quote < 0 ? span.Length : i + quote)].Count((byte)'\n');
                if (quote < 0)
                    return -1;
                i += quote;
                place = Place.QuoteInQuoted;
                continue;
            }
            switch (span[i])
            {
                case (byte)'\n':
                    return i;
                case (byte)',':
                    place = Place.FieldStart;
                    break;
                case (byte)'"' when place is Place.FieldStart or Place.QuoteInQuoted:
                    place = Place.Quoted;
                    break;
                case (byte)'\r' when place == Place.QuoteInQuoted:
                    break;
                default:
                    place = Place.Plain;
                    break;
            }
        }
        return -1;
    }

    private static long LengthOf(ReadOnlySequence<byte> line) =>
        !line.IsEmpty && line.Slice(line.Length - 1).FirstSpan[0] == (byte)'\r' ? line.Length - 1 : line.Length;

    private LineKind Take(ReadOnlySequence<byte> line, LineKind kind)
    {
        var length = (int)LengthOf(line);
        if (_line.Length < length)
            _line = new byte[Math.Min(maxLength, Math.Max(1024, length * 2))];
        line.Slice(0, length).CopyTo(_line);
        if (_line.AsSpan(0, length).TrimStart(" \t"u8).IsEmpty)
            length = 0;
        Line = _line.AsMemory(0, length);
        return kind;
    }
}
