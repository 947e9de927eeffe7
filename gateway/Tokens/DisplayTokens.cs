using System.Buffers.Binary;
using System.Security.Cryptography;
using Grid.Keys;

namespace Grid.Gateway.Tokens;

/// <summary>The outcome of a displayed code's check.</summary>
public enum DisplayTokenCheck
{
    /// <summary>Genuine and fresh.</summary>
    Valid,

    /// <summary>Not a displayed code of this grid.</summary>
    Invalid,

    /// <summary>Genuine, but past its life: a screenshot.</summary>
    Expired,
}

/// <summary>
/// The text of a phone's QR symbol: <c>HK1:</c> and 48 bytes in Base45, 76 characters. They fit a version 3 symbol
/// (29 × 29) at level L and a version 4 symbol (33 × 33) at level M. A code lives 60 s. It names no person: the
/// resident's key is encrypted, and two codes of one person share nothing that could link them.
/// </summary>
/// <remarks>
/// <code>
/// key id (1) | nonce (12) | resident key, expires at in Unix seconds, sealed (20) | tag (15)
/// </code>
/// The nonce is a random prefix per process (7 bytes) and a counter (5 bytes): unique without a call of the random
/// generator each time. The tag covers the kind and the key is the display key, so that no other token of the grid
/// passes as a code, and no code as another token.
/// </remarks>
public sealed class DisplayTokens(KeyRing ring, TimeProvider time)
{
    /// <summary>The life of a code.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    /// <summary>The tolerated clock difference between two gateways.</summary>
    public static readonly TimeSpan MaxClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>The length of every code in characters.</summary>
    public const int TextLength = 4 + TokenLength / 2 * 3;

    private const int TokenLength = 1 + SecretKey.NonceLength + PlainLength + TagLength;
    private const int PlainLength = 20;
    private const int TagLength = 15;
    private const byte Kind = 0xD1;
    private const int CounterBits = 40;

    private readonly NonceSource _nonces = new();

    private static ReadOnlySpan<byte> Prefix => "HK1:"u8;

    /// <summary>Writes a new code as <see cref="TextLength"/> ASCII characters, none of which JSON escapes.</summary>
    /// <returns>When the code expires, in Unix seconds.</returns>
    public long Write(Guid residentKey, Span<byte> ascii)
    {
        var expiresAt = time.GetUtcNow().ToUnixTimeSeconds() + (long)Life.TotalSeconds;
        Span<byte> plain = stackalloc byte[PlainLength];
        residentKey.TryWriteBytes(plain, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(plain[16..], checked((uint)expiresAt));
        var key = ring.Active(KeyPurpose.DisplayToken);
        Span<byte> token = stackalloc byte[TokenLength];
        token[0] = key.Id;
        var nonce = token.Slice(1, SecretKey.NonceLength);
        _nonces.Next(nonce);
        key.Encrypt(
            nonce,
            plain,
            token.Slice(1 + SecretKey.NonceLength, PlainLength),
            token[^TagLength..],
            [Kind, key.Id]
        );
        Prefix.CopyTo(ascii);
        Base45.Encode(token, ascii[Prefix.Length..]);
        return expiresAt;
    }

    /// <summary>
    /// Reads a code. Sets <paramref name="residentKey"/> only for <see cref="DisplayTokenCheck.Valid"/>.
    /// </summary>
    public DisplayTokenCheck Read(ReadOnlySpan<byte> ascii, out Guid residentKey)
    {
        residentKey = default;
        Span<byte> token = stackalloc byte[TokenLength];
        if (
            ascii.Length != TextLength
            || !ascii.StartsWith(Prefix)
            || !Base45.TryDecode(ascii[Prefix.Length..], token, out _)
        )
            return DisplayTokenCheck.Invalid;
        if (ring.Find(KeyPurpose.DisplayToken, token[0]) is not { } key)
            return DisplayTokenCheck.Invalid;
        Span<byte> plain = stackalloc byte[PlainLength];
        if (
            !key.TryDecrypt(
                token.Slice(1, SecretKey.NonceLength),
                token.Slice(1 + SecretKey.NonceLength, PlainLength),
                token[^TagLength..],
                plain,
                [Kind, key.Id]
            )
        )
            return DisplayTokenCheck.Invalid;
        var now = time.GetUtcNow();
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(plain[16..]));
        if (now >= expiresAt)
            return DisplayTokenCheck.Expired;
        // No code lives this long: the clock of the gateway that wrote it is wrong, and so is the expiry.
        if (expiresAt - now > Life + MaxClockSkew)
            return DisplayTokenCheck.Invalid;
        residentKey = new Guid(plain[..16], bigEndian: true);
        return DisplayTokenCheck.Valid;
    }

    /// <summary>A random prefix and a counter; a new prefix when the counter overflows.</summary>
    private sealed class NonceSource
    {
        private volatile Series _series = new();

        internal void Next(Span<byte> nonce)
        {
            while (true)
            {
                var series = _series;
                var count = Interlocked.Increment(ref series.Count);
                if (count >> CounterBits != 0)
                {
                    Interlocked.CompareExchange(ref _series, new Series(), series);
                    continue;
                }
                BinaryPrimitives.WriteInt64BigEndian(nonce[4..], count);
                BinaryPrimitives.WriteUInt64BigEndian(nonce, series.Prefix | nonce[7]);
                return;
            }
        }

        private sealed class Series
        {
            internal long Count;
            internal readonly ulong Prefix;

            internal Series()
            {
                Span<byte> random = stackalloc byte[8];
                RandomNumberGenerator.Fill(random);
                random[7] = 0;
                Prefix = BinaryPrimitives.ReadUInt64BigEndian(random);
            }
        }
    }
}
