using System.Security.Cryptography;

namespace Grid.Keys;

/// <summary>One secret of a ring, with the two operations that the grid needs. Safe to use from many threads.</summary>
public sealed class SecretKey
{
    /// <summary>The length of every secret in bytes.</summary>
    public const int SecretLength = 32;

    /// <summary>The length of an HMAC in bytes.</summary>
    public const int MacLength = 32;

    /// <summary>The length of an AES-GCM nonce in bytes.</summary>
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
        _ciphers = Enumerable.Range(12, 5).ToDictionary(tag => tag, tag => new NativeHandles<AesGcm>(() => new AesGcm(Secret, tag)));
    }

    /// <summary>The id that tokens and sealed rows carry; unique in its purpose while the key is kept; never 0.</summary>
    public byte Id { get; }

    /// <summary>When the key was made.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>From when it is used for writing. Before, it is only read with, so that every process has it in time.</summary>
    public DateTimeOffset ActiveFrom { get; }

    internal byte[] Secret { get; }

    /// <summary>HMAC-SHA256 of <paramref name="data"/> into <paramref name="mac"/> (32 bytes).</summary>
    public void Mac(ReadOnlySpan<byte> data, Span<byte> mac)
    {
        var handle = _macs.Take();
        handle.AppendData(data);
        handle.GetHashAndReset(mac);
        _macs.Return(handle);
    }

    /// <summary>AES-256-GCM. The tag may have 12 to 16 bytes; a nonce must never be used twice with one key.</summary>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> sealedBytes, Span<byte> tag, ReadOnlySpan<byte> bound)
    {
        var handles = _ciphers[tag.Length];
        var handle = handles.Take();
        handle.Encrypt(nonce, plain, sealedBytes, tag, bound);
        handles.Return(handle);
    }

    /// <summary>The inverse of <see cref="Encrypt"/>; false when a byte of anything differs.</summary>
    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> bound)
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
