using System.Security.Cryptography;

namespace Grid.Keys;

/// <summary>One secret of a ring, with the two operations that the grid needs. Thread-safe.</summary>
public sealed class SecretKey
{
    /// <summary>Bytes of a secret.</summary>
    public const int SecretLength = 32;

    /// <summary>Bytes of an HMAC.</summary>
    public const int MacLength = 32;

    /// <summary>Bytes of an AES-GCM nonce.</summary>
    public const int NonceLength = 12;

    private readonly NativeHandles<IncrementalHash> _macs;
    private readonly Dictionary<int, NativeHandles<AesGcm>> _ciphers;

    internal SecretKey(byte id, DateTimeOffset createdAt, DateTimeOffset activeFrom, byte[] secret)
    {
        Id = id;
        CreatedAt = createdAt;
        ActiveFrom = activeFrom;
        Secret = secret;
        _macs = new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Secret));
        _ciphers = Enumerable
            .Range(12, 5)
            .ToDictionary(tag => tag, tag => new NativeHandles<AesGcm>(() => new AesGcm(Secret, tag)));
    }

    /// <summary>The id in tokens and sealed rows: never 0, and unique in its purpose while the ring keeps it.</summary>
    public byte Id { get; }

    public DateTimeOffset CreatedAt { get; }

    /// <summary>When the key starts to write. Until then it only reads, so that every process has it in time.</summary>
    public DateTimeOffset ActiveFrom { get; }

    internal byte[] Secret { get; }

    /// <summary>Writes HMAC-SHA256 of <paramref name="data"/> to <paramref name="mac"/> (32 bytes).</summary>
    public void Mac(ReadOnlySpan<byte> data, Span<byte> mac)
    {
        var handle = _macs.Take();
        handle.AppendData(data);
        handle.GetHashAndReset(mac);
        _macs.Return(handle);
    }

    /// <summary>Encrypts with AES-256-GCM. Never use a nonce twice with one key. The tag has 12 to 16 bytes.</summary>
    public void Encrypt(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> plain,
        Span<byte> sealedBytes,
        Span<byte> tag,
        ReadOnlySpan<byte> bound
    )
    {
        var handles = _ciphers[tag.Length];
        var handle = handles.Take();
        handle.Encrypt(nonce, plain, sealedBytes, tag, bound);
        handles.Return(handle);
    }

    /// <summary>Reverses <see cref="Encrypt"/>; false when any input byte differs.</summary>
    public bool TryDecrypt(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> sealedBytes,
        ReadOnlySpan<byte> tag,
        Span<byte> plain,
        ReadOnlySpan<byte> bound
    )
    {
        var handles = _ciphers[tag.Length];
        var handle = handles.Take();
        try
        {
            handle.Decrypt(nonce, sealedBytes, tag, plain, bound);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            handles.Return(handle);
        }
    }
}
