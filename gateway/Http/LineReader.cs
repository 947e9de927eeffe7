using System.Buffers;
using System.IO.Pipelines;

namespace Grid.Gateway.Http;

/// <summary>What a line of a stream is.</summary>
internal enum LineKind
{
    /// <summary>A whole line, ended by a newline.</summary>
    Whole,

    /// <summary>The bytes after the last newline. A sender that stopped half-way leaves one; a careless one forgot the newline.</summary>
    Last,

    /// <summary>Longer than a line may be; skipped up to its end.</summary>
    TooLong,

    /// <summary>No line is left.</summary>
    End,
}

/// <summary>
/// Cuts a body of any length into lines while it arrives, one line in memory at a time. Blank lines are counted and
/// passed over, a carriage return before the newline is dropped, and a line that is too long costs only itself.
/// </summary>
internal sealed class LineReader(PipeReader pipe, int lengthMax)
{
    private byte[] _line = [];

    /// <summary>The number of the line that was read last, from 1.</summary>
    internal int Number { get; private set; }

    /// <summary>The line that was read last; valid until the next read.</summary>
    internal ReadOnlyMemory<byte> Line { get; private set; }

    internal async ValueTask<LineKind> ReadAsync(CancellationToken cancellation)
    {
        var skipping = false;
        while (true)
        {
            var read = await pipe.ReadAsync(cancellation);
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } newline)
            {
                var line = buffer.Slice(0, newline);
                var kind = skipping || line.Length > lengthMax ? LineKind.TooLong : Take(line, LineKind.Whole);
                pipe.AdvanceTo(buffer.GetPosition(1, newline));
                Number++;
                skipping = false;
                if (kind == LineKind.Whole && Line.IsEmpty)
                    continue;
                return kind;
            }
            if (read.IsCompleted)
            {
                var kind = skipping || buffer.Length > lengthMax ? LineKind.TooLong : Take(buffer, LineKind.Last);
                pipe.AdvanceTo(buffer.End);
                if (kind == LineKind.Last && Line.IsEmpty)
                    return LineKind.End;
                Number++;
                return kind;
            }
            if (buffer.Length > lengthMax)
            {
                skipping = true;
                pipe.AdvanceTo(buffer.End);
            }
            else
            {
                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }

    private LineKind Take(ReadOnlySequence<byte> line, LineKind kind)
    {
        var length = (int)line.Length;
        if (_line.Length < length)
            _line = new byte[Math.Min(lengthMax, Math.Max(1024, length * 2))];
        line.CopyTo(_line);
        if (length > 0 && _line[length - 1] == '\r')
            length--;
        if (_line.AsSpan(0, length).TrimStart(" \t"u8).IsEmpty)
            length = 0;
        Line = _line.AsMemory(0, length);
        return kind;
    }
}
