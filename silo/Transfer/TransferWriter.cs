using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Grid.Silo.Transfer;

/// <summary>Writes the lines of a file and the final checksum. A file without its last line is unusable.</summary>
internal sealed class TransferWriter(Stream target) : IDisposable
{
    /// <summary>Maximum bytes of a line; a state is far smaller.</summary>
    internal const int MaxLineBytes = 16 * 1024 * 1024;

    private const int BufferBytes = 256 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> _buffer = new(BufferBytes);
    private readonly Utf8JsonWriter _json = new(
        Stream.Null,
        new JsonWriterOptions { Encoder = TransferJson.Plain.Options.Encoder }
    );

    /// <summary>Writes the first line.</summary>
    internal void Begin(TransferHeader header) => Write(header, TransferJson.Plain.TransferHeader);

    /// <summary>Writes a line.</summary>
    internal void Write(TransferLine line) => Write(line, TransferJson.Plain.TransferLine);

    /// <summary>Writes the last line.</summary>
    internal void End(long states, long visits)
    {
        Flush();
        Write(
            new TransferLine
            {
                States = states,
                Visits = visits,
                Sha256 = Convert.ToHexStringLower(_hash.GetHashAndReset()),
            }
        );
        Flush();
        target.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _hash.Dispose();
    }

    private void Write<T>(T line, JsonTypeInfo<T> type)
    {
        var before = _buffer.WrittenCount;
        _json.Reset(_buffer);
        JsonSerializer.Serialize(_json, line, type);
        _json.Flush();
        if (_buffer.WrittenCount - before > MaxLineBytes)
            throw new StoreException(
                StoreErrorCodes.Invalid,
                $"A record takes more than {MaxLineBytes} bytes as a line."
            );
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= BufferBytes)
            Flush();
    }

    private void Flush()
    {
        _hash.AppendData(_buffer.WrittenSpan);
        target.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
