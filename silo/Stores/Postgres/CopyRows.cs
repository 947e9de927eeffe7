using System.Buffers;
using System.Buffers.Binary;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// Reads the rows (key, version, state) of a binary COPY without an object per row. The format has a header, then for
/// each row the number of fields and each field's length and bytes, and −1 after the last row.
/// </summary>
internal sealed class CopyRows(Stream copy) : IDisposable
{
    private const int SignatureBytes = 11;
    private const int HeaderBytes = SignatureBytes + sizeof(int) + sizeof(int);
    private const short Fields = 3;
    private const short EndOfRows = -1;
    private const int FirstBufferBytes = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
    private int _start;
    private int _end;
    private bool _started;
    private (int Start, int Length) _key;
    private (int Start, int Length) _state;

    /// <summary>The key of the row, valid until the next row.</summary>
    internal ReadOnlySpan<byte> Key => _buffer.AsSpan(_key.Start, _key.Length);

    /// <summary>The version of the row.</summary>
    internal long Version { get; private set; }

    /// <summary>The state of the row, valid until the next row.</summary>
    internal ReadOnlySpan<byte> State => _buffer.AsSpan(_state.Start, _state.Length);

    /// <summary>Moves to the next row; false after the last.</summary>
    internal bool Next()
    {
        if (!_started)
            SkipHeader();
        Need(sizeof(short));
        var fields = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(_start));
        if (fields == EndOfRows)
            return false;
        if (fields != Fields)
            throw new StoreException(StoreErrorCodes.Damaged, "A copied row has an unexpected number of fields.");
        // Offsets are relative to the row's start: reading more bytes moves the buffer's content.
        var at = sizeof(short);
        var key = Field(ref at);
        var version = Field(ref at);
        var state = Field(ref at);
        _key = (_start + key.At, key.Length);
        _state = (_start + state.At, state.Length);
        Version = BinaryPrimitives.ReadInt64BigEndian(_buffer.AsSpan(_start + version.At));
        _start += at;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        copy.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private (int At, int Length) Field(ref int at)
    {
        Need(at + sizeof(int));
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + at));
        at += sizeof(int);
        if (length < 0)
            throw new StoreException(StoreErrorCodes.Damaged, "A copied row has an empty field.");
        Need(at + length);
        var field = (at, length);
        at += length;
        return field;
    }

    private void SkipHeader()
    {
        Need(HeaderBytes);
        var extension = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + HeaderBytes - sizeof(int)));
        Need(HeaderBytes + extension);
        _start += HeaderBytes + extension;
        _started = true;
    }

    // Makes this many bytes of the row available, counted from its start.
    private void Need(int bytes)
    {
        if (_end - _start >= bytes)
            return;
        if (_start + bytes > _buffer.Length)
            MakeRoom(bytes);
        while (_end - _start < bytes)
        {
            var read = copy.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
                throw new StoreException(StoreErrorCodes.Unavailable, "A copy ended in the middle of a row.");
            _end += read;
        }
    }

    private void MakeRoom(int bytes)
    {
        var (old, kept) = (_buffer, _end - _start);
        if (bytes > old.Length)
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, old.Length * 2));
        Buffer.BlockCopy(old, _start, _buffer, 0, kept);
        if (old != _buffer)
            ArrayPool<byte>.Shared.Return(old);
        (_start, _end) = (0, kept);
    }
}
