using System.Buffers;
using System.Buffers.Binary;

namespace Grid.Engine.Wire;

/// <summary>Frames on their way out, one behind the other in pooled memory. Not for several threads at once.</summary>
public sealed class FrameBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 16 * 1024;

    // What a burst made larger than this is given back when it is empty.
    private const int KeptBytesMax = 256 * 1024;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>How many bytes were written.</summary>
    public int Length => _length;

    /// <summary>What was written, until the next change.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - _length), nameof(count));
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        _length = 0;
        if (_bytes.Length > KeptBytesMax)
        {
            Dispose();
        }
    }

    /// <summary>Gives the memory back; the buffer is then empty and may be used again.</summary>
    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        _length = 0;
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Begins a frame.</summary>
    /// <returns>What <see cref="End"/> and <see cref="TakeBack"/> want to know.</returns>
    internal int Begin(FrameKind kind)
    {
        Ensure(Frames.HeaderBytes);
        var mark = _length;
        _bytes[mark + sizeof(uint)] = (byte)kind;
        _length += Frames.HeaderBytes;
        return mark;
    }

    /// <summary>Ends a frame.</summary>
    /// <exception cref="Codec.CodecException">It is longer than <see cref="WireLimits.FrameBytesMax"/>; it is taken back.</exception>
    internal void End(int mark)
    {
        var length = _length - mark;
        if (length > WireLimits.FrameBytesMax)
        {
            TakeBack(mark);
            throw new Codec.CodecException($"A message of {length} bytes is longer than a frame may be: {WireLimits.FrameBytesMax} bytes.");
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(mark), (uint)(length - sizeof(uint)));
    }

    /// <summary>Forgets what was written since <see cref="Begin"/>.</summary>
    internal void TakeBack(int mark) => _length = mark;

    private void Ensure(int more)
    {
        var needed = _length + Math.Max(more, 1);
        if (needed <= _bytes.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstBytes, 2 * _bytes.Length)));
        Written.CopyTo(larger);
        var former = _bytes;
        _bytes = larger;
        if (former.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(former);
        }
    }
}
