using System.Buffers;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Grid.Silo.Stores;

/// <summary>
/// Stored bytes of a state: one format byte, then <c>Orleans.Serialization</c>. The same bytes in SQLite, in PostgreSQL and
/// in an export, whatever host runs.
/// </summary>
public static class StateBytes
{
    /// <summary>The first byte of every stored state. Another byte is another format, which this version cannot read.</summary>
    public const byte Format = 1;

    /// <summary>The largest state that is written or read. The rules keep a state below 64 KiB.</summary>
    public const int MaxBytes = 16 << 20;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_scratch;

    private static readonly IServiceProvider Services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    /// <summary>The bytes of <paramref name="state"/>.</summary>
    /// <exception cref="StoreException">They are more than <see cref="MaxBytes"/>.</exception>
    public static byte[] Encode<T>(T state) => Write(state).ToArray();

    /// <summary>
    /// Writes <paramref name="state"/> into a buffer of this thread. The span is valid until the thread's next call.
    /// </summary>
    /// <exception cref="StoreException">The bytes are more than <see cref="MaxBytes"/>.</exception>
    internal static ReadOnlySpan<byte> Write<T>(T state)
    {
        var scratch = t_scratch ??= new ArrayBufferWriter<byte>(1_024);
        scratch.ResetWrittenCount();
        scratch.GetSpan(1)[0] = Format;
        scratch.Advance(1);
        Of<T>.Serializer.Serialize(state, scratch);
        return scratch.WrittenCount <= MaxBytes
            ? scratch.WrittenSpan
            : throw new StoreException(StoreFaults.Invalid, $"A {typeof(T).Name} has more than {MaxBytes} bytes.");
    }

    /// <summary>The state that <paramref name="bytes"/> hold.</summary>
    /// <exception cref="StoreException"><see cref="StoreFaults.Damaged"/>: they hold none, or one of another format.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > MaxBytes || bytes[0] != Format)
            throw Damaged<T>(null);
        try
        {
            return Of<T>.Serializer.Deserialize(bytes[1..]) ?? throw Damaged<T>(null);
        }
        // Damaged bytes meet the serializer in many ways: an index out of range, a bad UTF-8 text, a length below zero.
        catch (Exception exception) when (exception is not (OutOfMemoryException or StoreException))
        {
            throw Damaged<T>(exception);
        }
    }

    private static StoreException Damaged<T>(Exception? cause) =>
        new(StoreFaults.Damaged, $"The bytes hold no {typeof(T).Name} that this version can read.", cause);

    private static class Of<T>
    {
        internal static readonly Serializer<T> Serializer = Services.GetRequiredService<Serializer<T>>();
    }
}
