using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Grid.Codec;

/// <summary>
/// Appends values to a span that the caller lends, to a <see cref="IBufferWriter{T}"/>, or to a buffer from the shared pool;
/// it moves on to the pool when the first two are full. Pass it by reference only, and dispose of it at its end.
/// </summary>
public ref struct CodecWriter
{
    private const int FirstRentBytes = 512;
    private const int TargetBytes = 256;
    private const int VarintBytesMax = 10;

    private Span<byte> _buffer;
    private int _position;
    private int _depth;
    private byte[]? _rented;
    private IBufferWriter<byte>? _target;

    /// <summary>Writes into memory of the caller's, which must outlive the writer, as far as it goes.</summary>
    public CodecWriter(Span<byte> scratch) => _buffer = scratch;

    /// <summary>Writes to a target, which gets the bytes with <see cref="Complete"/>.</summary>
    public CodecWriter(IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        _target = target;
        _buffer = target.GetSpan(TargetBytes);
    }

    /// <summary>Writes into a buffer from the shared pool.</summary>
    /// <param name="capacity">How many bytes to begin with.</param>
    public CodecWriter(int capacity)
    {
        _rented = ArrayPool<byte>.Shared.Rent(capacity);
        _buffer = _rented;
    }

    /// <summary>What was written, until the next call or <see cref="Dispose"/>.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._position];

    /// <summary>How many bytes were written.</summary>
    public readonly int Length => _position;

    /// <summary>Hands what was written to the target. The writer is then empty and may go on.</summary>
    public void Complete()
    {
        var target = _target ?? throw new InvalidOperationException("The writer has no target.");
        if (_rented is null)
            target.Advance(_position);
        else
            target.Write(Written);
        Dispose();
        _buffer = target.GetSpan(TargetBytes);
    }

    /// <summary>Gives a pooled buffer back. <see cref="Written"/> is empty from then on.</summary>
    public void Dispose()
    {
        var rented = _rented;
        _rented = null;
        _buffer = default;
        _position = 0;
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Forgets what was written, keeps the memory.</summary>
    public void Clear() => _position = 0;

    /// <summary>The key of a field: <c>id &lt;&lt; 3 | wire type</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteKey(uint key) => WriteVarint(key);

    /// <summary>An unsigned number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarint(uint value)
    {
        if (value < 0x80 && _position < _buffer.Length)
            _buffer[_position++] = (byte)value;
        else
            WriteLongVarint(value);
    }

    /// <summary>An unsigned number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarint(ulong value)
    {
        if (value < 0x80 && _position < _buffer.Length)
            _buffer[_position++] = (byte)value;
        else
            WriteLongVarint(value);
    }

    /// <summary>A signed number; small ones of either sign are short.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteZigzag(int value) => WriteVarint((uint)((value << 1) ^ (value >> 31)));

    /// <inheritdoc cref="WriteZigzag(int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteZigzag(long value) => WriteVarint((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Four bytes.</summary>
    public void WriteFixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(sizeof(uint)), value);

    /// <summary>Eight bytes.</summary>
    public void WriteFixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), value);

    /// <summary>A GUID, in the order in which it is printed.</summary>
    public void WriteGuid(Guid value) => value.TryWriteBytes(Reserve(16), bigEndian: true, out _);

    /// <summary>Bytes as they are, without a length.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>No value, where one of <see cref="WireType.Bytes"/> is expected.</summary>
    public void WriteNull() => WriteVarint(0u);

    /// <summary>Bytes with their length.</summary>
    public void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        WriteVarint((uint)bytes.Length + 1);
        WriteRaw(bytes);
    }

    /// <summary>
    /// Text as UTF-8 with its length. Half of a surrogate pair has no UTF-8 and is written as U+FFFD.
    /// </summary>
    public void WriteText(scoped ReadOnlySpan<char> text)
    {
        const int BytesPerChar = 3;
        const int ShortChars = (0x7F - 1) / BytesPerChar;
        if (text.Length <= ShortChars)
        {
            // However it is encoded, its length fits into one byte.
            var room = Ensure(1 + text.Length * BytesPerChar);
            var written = Encoding.UTF8.GetBytes(text, room[1..]);
            room[0] = (byte)(written + 1);
            _position += written + 1;
            return;
        }

        var length = Encoding.UTF8.GetByteCount(text);
        WriteVarint((uint)length + 1);
        Encoding.UTF8.GetBytes(text, Reserve(length));
    }

    /// <summary>Begins a message or a collection; its length is filled in by <see cref="EndNested"/>.</summary>
    /// <returns>What <see cref="EndNested"/> wants to know.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int BeginNested()
    {
        if (++_depth > CodecLimits.DepthMax)
            CodecException.TooDeep();
        if (_position == _buffer.Length)
            Grow(1);
        return _position++;
    }

    /// <summary>Ends what <see cref="BeginNested"/> began.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndNested(int mark)
    {
        _depth--;
        var prefix = (uint)(_position - mark);
        if (prefix < 0x80)
            _buffer[mark] = (byte)prefix;
        else
            EndLongNested(mark, prefix);
    }

    /// <summary>Begins a part of a message, see <see cref="MessageParts"/>.</summary>
    /// <returns>What <see cref="EndPart"/> wants to know.</returns>
    public int BeginPart(uint key)
    {
        Debug.Assert(key < 0x80, "The key of a part is one byte, which EndPart takes back.");
        WriteKey(key);
        return BeginNested();
    }

    /// <summary>Ends what <see cref="BeginPart"/> began, and takes it back when nothing was written into it.</summary>
    public void EndPart(int mark)
    {
        if (_position > mark + 1)
        {
            EndNested(mark);
            return;
        }

        _depth--;
        _position = mark - 1;
    }

    private void EndLongNested(int mark, uint prefix)
    {
        // One byte was kept for the length. Most messages fit that; a longer one moves up by the bytes that lack.
        var extra = VarintLength(prefix) - 1;
        Ensure(extra);
        var body = _buffer.Slice(mark + 1, (int)prefix - 1);
        body.CopyTo(_buffer[(mark + 1 + extra)..]);
        PutVarint(_buffer[mark..], prefix);
        _position += extra;
    }

    private static int VarintLength(ulong value) => (70 - BitOperations.LeadingZeroCount(value | 1)) / 7;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteLongVarint(ulong value) => _position += PutVarint(Ensure(VarintBytesMax), value);

    private static int PutVarint(Span<byte> room, ulong value)
    {
        var length = 0;
        while (value >= 0x80)
        {
            room[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        room[length++] = (byte)value;
        return length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int length)
    {
        var room = Ensure(length);
        _position += length;
        return room[..length];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Ensure(int length)
    {
        if (_buffer.Length - _position < length)
            Grow(length);
        return _buffer[_position..];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int length)
    {
        var needed = (long)_position + length;
        if (needed > CodecLimits.ValueBytesMax)
            throw new CodecException($"A value is longer than {CodecLimits.ValueBytesMax} bytes.");
        var capacity = (int)Math.Max(needed, Math.Max(FirstRentBytes, 2L * _buffer.Length));
        var larger = ArrayPool<byte>.Shared.Rent(capacity);
        Written.CopyTo(larger);
        var former = _rented;
        _rented = larger;
        _buffer = larger;
        if (former is not null)
            ArrayPool<byte>.Shared.Return(former);
    }
}
