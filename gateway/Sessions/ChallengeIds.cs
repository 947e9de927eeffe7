using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Sessions;

namespace Grid.Gateway.Sessions;

/// <summary>
/// The ids of sign-in challenges: the resident and a random number, sealed. Every challenge gets an id of the same
/// form, whether or not the person is registered, and the server stores no copy: a challenge for a made-up number costs
/// no memory.
/// </summary>
/// <remarks>
/// <code>
/// key id (1) | nonce (12) | sealed: resident (16), challenge (16), ends at, Unix seconds (4) | tag (16)
/// </code>
/// The sealing key is derived from the access-token key.
/// </remarks>
internal sealed class ChallengeIds(KeyRing ring, TimeProvider time)
{
    private const int TagLength = 16;
    private const int PlainLength = 36;
    private const int IdLength = 1 + SecretKey.NonceLength + PlainLength + TagLength;

    /// <summary>A new challenge and its id; <see cref="Guid.Empty"/> stands for no resident.</summary>
    internal (Guid Challenge, string Id) New(Guid? resident)
    {
        var challenge = Guid.NewGuid();
        Span<byte> plain = stackalloc byte[PlainLength];
        (resident ?? Guid.Empty).TryWriteBytes(plain);
        challenge.TryWriteBytes(plain[16..]);
        BinaryPrimitives.WriteUInt32BigEndian(
            plain[32..],
            checked((uint)(time.GetUtcNow() + OneTimeCodes.Life).ToUnixTimeSeconds())
        );
        var key = ring.Active(KeyPurpose.AccessToken);
        Span<byte> id = stackalloc byte[IdLength];
        id[0] = key.Id;
        var nonce = id.Slice(1, SecretKey.NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = Cipher(key);
        cipher.Encrypt(nonce, plain, id.Slice(1 + SecretKey.NonceLength, PlainLength), id[^TagLength..], id[..1]);
        return (challenge, Base64Url.EncodeToString(id));
    }

    /// <summary>Opens an id; false for one that is forged, expired or made for no resident.</summary>
    internal bool TryRead(string text, out Guid resident, out Guid challenge)
    {
        (resident, challenge) = (default, default);
        Span<byte> id = stackalloc byte[IdLength];
        if (
            !CanonicalBase64Url.TryDecode(text, id, out var length)
            || length != IdLength
            || ring.Find(KeyPurpose.AccessToken, id[0]) is not { } key
        )
            return false;
        Span<byte> plain = stackalloc byte[PlainLength];
        using var cipher = Cipher(key);
        try
        {
            cipher.Decrypt(
                id.Slice(1, SecretKey.NonceLength),
                id.Slice(1 + SecretKey.NonceLength, PlainLength),
                id[^TagLength..],
                plain,
                id[..1]
            );
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        (resident, challenge) = (new Guid(plain[..16]), new Guid(plain.Slice(16, 16)));
        var endsAt = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(plain[32..]));
        return resident != Guid.Empty && time.GetUtcNow() < endsAt;
    }

    private static AesGcm Cipher(SecretKey key)
    {
        Span<byte> derived = stackalloc byte[SecretKey.MacLength];
        key.Mac("challenge id"u8, derived);
        return new AesGcm(derived, TagLength);
    }
}
