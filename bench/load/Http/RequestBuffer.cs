using System.Buffers.Text;

namespace Grid.Bench.Load.Http;

/// <summary>The bytes of one request, in an array that its connection reuses.</summary>
internal sealed class RequestBuffer
{
    /// <summary>Largest request: a batch of 500 scans is about 150 KB.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private byte[] _bytes = new byte[1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Free(bytes.Length));
        Length += bytes.Length;
    }

    public void Append(Guid id)
    {
        id.TryFormat(Free(36), out var written);
        Length += written;
    }

    public void Append(long number)
    {
        Utf8Formatter.TryFormat(number, Free(20), out var written);
        Length += written;
    }

    public void Append(DateTimeOffset at)
    {
        at.UtcDateTime.TryFormat(
            Free(40),
            out var written,
            "yyyy-MM-ddTHH:mm:ss.fffZ",
            System.Globalization.CultureInfo.InvariantCulture
        );
        Length += written;
    }

    /// <summary>Reserves the head in front of a body of unknown length; see <see cref="EndBody"/>.</summary>
    public int BeginBody(ReadOnlySpan<byte> headUpToLength)
    {
        Append(headUpToLength);
        Append("Content-Length: 0000000\r\n\r\n"u8);
        return Length;
    }

    /// <summary>Writes the length of the body that starts at <paramref name="bodyStart"/> into its head.</summary>
    public void EndBody(int bodyStart)
    {
        var digits = _bytes.AsSpan(bodyStart - 4 - 7, 7);
        Utf8Formatter.TryFormat(Length - bodyStart, digits, out _, new System.Buffers.StandardFormat('D', 7));
    }

    private Span<byte> Free(int bytes)
    {
        if (_bytes.Length - Length < bytes)
        {
            if (Length + bytes > MaxBytes)
                throw new InvalidOperationException($"a request of more than {MaxBytes} bytes");
            Array.Resize(ref _bytes, Math.Min(MaxBytes, Math.Max(_bytes.Length * 2, Length + bytes)));
        }
        return _bytes.AsSpan(Length, bytes);
    }
}
