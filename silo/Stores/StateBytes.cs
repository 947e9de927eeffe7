using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Orleans.Serialization;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Session;
using Orleans.Serialization.WireProtocol;

namespace Grid.Silo.Stores;

/// <summary>
/// The stored bytes of a state: a format byte, the CRC-32 of the rest, then <c>Orleans.Serialization</c>. They are the
/// same in SQLite, PostgreSQL and an export, on every host.
/// </summary>
public static class StateBytes
{
    /// <summary>
    /// The first byte of every stored state. Another value is a format that this version cannot read.
    /// </summary>
    public const byte Format = 1;

    /// <summary>The largest state that is written or read. The rules keep a state below 64 KiB.</summary>
    public const int MaxBytes = 16 << 20;

    // Nesting depth. The states have 4 levels; deeper bytes are foreign.
    private const int MaxDepth = 64;

    // A level takes at least 1 byte and about 300 bytes of stack: so few bytes cannot exhaust it.
    private const int MaxBytesOfAnyDepth = 512;

    private const int HeaderBytes = 1 + sizeof(uint);

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    private static readonly IServiceProvider Services = new ServiceCollection().AddSerializer().BuildServiceProvider();
    private static readonly SerializerSessionPool Sessions = Services.GetRequiredService<SerializerSessionPool>();

    /// <summary>Encodes <paramref name="state"/>.</summary>
    /// <exception cref="StoreException">The state exceeds <see cref="MaxBytes"/>.</exception>
    public static byte[] Encode<T>(T state) => Write(state).ToArray();

    /// <summary>
    /// Writes <paramref name="state"/> into this thread's buffer. The span is valid until the thread's next call.
    /// </summary>
    /// <exception cref="StoreException">The state exceeds <see cref="MaxBytes"/>.</exception>
    internal static ReadOnlySpan<byte> Write<T>(T state)
    {
        var scratch = _scratch ??= new ArrayBufferWriter<byte>(1_024);
        scratch.ResetWrittenCount();
        scratch.GetSpan(HeaderBytes)[0] = Format;
        scratch.Advance(HeaderBytes);
        Of<T>.Serializer.Serialize(state, scratch);
        if (scratch.WrittenCount > MaxBytes)
            throw new StoreException(StoreErrorCodes.Invalid, $"A {typeof(T).Name} has more than {MaxBytes} bytes.");
        Seal(MemoryMarshal.AsMemory(scratch.WrittenMemory).Span);
        return scratch.WrittenSpan;
    }

    /// <summary>Decodes the state in <paramref name="bytes"/>.</summary>
    /// <exception cref="StoreException">
    /// <see cref="StoreErrorCodes.Damaged"/>: the bytes hold no state, or one of another format.
    /// </exception>
    public static T Decode<T>(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is <= HeaderBytes or > MaxBytes)
            throw Damaged<T>("of a length that no state has");
        if (bytes[0] != Format)
            throw Damaged<T>($"of format {bytes[0]}");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]) != Crc32.HashToUInt32(bytes[HeaderBytes..]))
            throw Damaged<T>("corrupt: their checksum differs");
        try
        {
            if (bytes.Length > MaxBytesOfAnyDepth)
                CheckDepth(bytes[HeaderBytes..]);
            return Of<T>.Serializer.Deserialize(bytes[HeaderBytes..]) ?? throw Damaged<T>("of nothing");
        }
        // Foreign bytes fail in the serializer in many ways: an index out of range, invalid UTF-8, a negative length.
        // Its message may quote personal bytes, so only the exception's type is passed on.
        catch (Exception exception) when (exception is not (OutOfMemoryException or StoreException))
        {
            throw Damaged<T>($"no such state ({exception.GetType().Name})");
        }
    }

    /// <summary>Writes the checksum of the body into the header.</summary>
    internal static void Seal(Span<byte> bytes) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[1..], Crc32.HashToUInt32(bytes[HeaderBytes..]));

    // The serializer skips unknown fields recursively; a stack overflow would end the process.
    private static void CheckDepth(ReadOnlySpan<byte> body)
    {
        using var session = Sessions.GetSession();
        var reader = Reader.Create(body, session);
        var depth = 0;
        do
        {
            var field = reader.ReadFieldHeader();
            if (field.IsEndObject)
                depth--;
            else if (field.IsEndBaseFields)
                continue;
            else if (field.WireType == WireType.TagDelimited)
                depth++;
            else
                reader.SkipField(field);
            if (depth > MaxDepth)
                throw new StoreException(StoreErrorCodes.Damaged, $"The bytes nest deeper than {MaxDepth} levels.");
        } while (depth > 0);
    }

    private static StoreException Damaged<T>(string why) =>
        new(StoreErrorCodes.Damaged, $"The bytes hold no {typeof(T).Name} that this version can read: they are {why}.");

    private static class Of<T>
    {
        internal static readonly Serializer<T> Serializer = Services.GetRequiredService<Serializer<T>>();
    }
}
