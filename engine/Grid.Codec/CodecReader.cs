using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Grid.Codec;

/// <summary>
/// Reads values from bytes that may be anything: every step is checked against the end of what it is part of, and a
/// violation is a <see cref="CodecException"/>.
/// </summary>
public ref struct CodecReader
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _end;
    private int _depth;

    /// <summary>Reads from the first byte on.</summary>
    public CodecReader(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _end = bytes.Length;
    }

    /// <summary>Where the next value begins.</summary>
    public readonly int Position => _position;

    /// <summary>How many bytes are left of the message or collection that is being read.</summary>
    public readonly int Remaining => _end - _position;

    /// <summary>Makes sure that nothing is left.</summary>
    public readonly void ExpectEnd()
    {
        if (_position != _end)
            throw new CodecException($"{_end - _position} bytes are left behind the value.");
    }

    /// <summary>Reads the key of the next field, or finds the end of the message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadKey(out uint key)
    {
        if (_position >= _end)
        {
            key = 0;
            return false;
        }

        key = ReadVarint32();
        return true;
    }

    /// <summary>An unsigned number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVarint()
    {
        if (_position < _end)
        {
            var first = _bytes[_position];
            if (first < 0x80)
            {
                _position++;
                return first;
            }
        }

        return ReadLongVarint();
    }

    /// <summary>An unsigned number of 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadVarint32()
    {
        var value = ReadVarint();
        if (value > uint.MaxValue)
            CodecException.OutOfRange("UInt32");
        return (uint)value;
    }

    /// <summary>A signed number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadZigzag()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A signed number of 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadZigzag32()
    {
        var value = ReadVarint32();
        return (int)(value >> 1) ^ -(int)(value & 1);
    }

    /// <summary>Four bytes.</summary>
    public uint ReadFixed32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadRaw(sizeof(uint)));

    /// <summary>Eight bytes.</summary>
    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadRaw(sizeof(ulong)));

    /// <summary>A GUID.</summary>
    public Guid ReadGuid() => new(ReadRaw(16), bigEndian: true);

    /// <summary>The next bytes as they are; a view of what is being read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadRaw(int length)
    {
        if ((uint)length > (uint)(_end - _position))
            CodecException.Truncated();
        var bytes = _bytes.Slice(_position, length);
        _position += length;
        return bytes;
    }

    /// <summary>Bytes with their length; a view of what is being read.</summary>
    /// <returns>False when there is a null instead.</returns>
    public bool TryReadBytes(out ReadOnlySpan<byte> bytes)
    {
        var prefix = ReadVarint();
        if (prefix == 0)
        {
            bytes = default;
            return false;
        }

        bytes = ReadRaw(CheckedLength(prefix));
        return true;
    }

    /// <summary>Text, or null.</summary>
    public string? ReadText()
    {
        if (!TryReadBytes(out var bytes))
            return null;
        if (bytes.IsEmpty)
            return "";
        try
        {
            return s_strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException damage)
        {
            throw new CodecException("The bytes are not valid UTF-8.", damage);
        }
    }

    /// <summary>Enters a message or a collection: what is read from here on ends with it.</summary>
    /// <param name="outer">What <see cref="EndNested"/> wants to know.</param>
    /// <returns>False when there is a null instead.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBeginNested(out int outer)
    {
        var prefix = ReadVarint();
        outer = _end;
        if (prefix == 0)
            return false;
        var length = CheckedLength(prefix);
        if (++_depth > CodecLimits.DepthMax)
            CodecException.TooDeep();
        _end = _position + length;
        return true;
    }

    /// <summary>Leaves what <see cref="TryBeginNested"/> entered, which must have been read to its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndNested(int outer)
    {
        ExpectEnd();
        _end = outer;
        _depth--;
    }

    /// <summary>
    /// How many elements follow in a collection. Each takes at least one byte, so a count that lies is found at once.
    /// </summary>
    public int ReadCount()
    {
        var count = ReadVarint();
        if (count > (ulong)Remaining)
            CodecException.Truncated();
        return (int)count;
    }

    /// <summary>Looks whether the message begins with the alias of a derived type, and reads it if so.</summary>
    public bool TryReadAlias(out ReadOnlySpan<byte> alias)
    {
        alias = default;
        if (_position >= _end || _bytes[_position] != MessageParts.AliasKey)
            return false;
        _position++;
        return TryReadBytes(out alias);
    }

    /// <summary>Steps over the value of a field that the reader's version does not know.</summary>
    public void Skip(uint key)
    {
        switch ((WireType)(key & 7))
        {
            case WireType.Varint:
                ReadVarint();
                break;
            case WireType.Fixed64:
                ReadRaw(sizeof(ulong));
                break;
            case WireType.Bytes:
            case WireType.Part:
                TryReadBytes(out _);
                break;
            case WireType.Fixed128:
                ReadRaw(16);
                break;
            case WireType.Time:
                if ((ReadVarint() & 3) == 3)
                    ReadVarint();
                break;
            case WireType.Fixed32:
                ReadRaw(sizeof(uint));
                break;
            default:
                CodecException.Malformed("field key");
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int CheckedLength(ulong prefix)
    {
        if (prefix - 1 > (ulong)(_end - _position))
            CodecException.Truncated();
        return (int)(prefix - 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong ReadLongVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position >= _end)
                CodecException.Truncated();
            var next = _bytes[_position++];
            if (shift == 63 && next > 1)
                break;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        CodecException.Malformed("varint");
        return 0;
    }
}
