using System.Buffers.Binary;
using System.Security.Cryptography;
using Grid.Keys;

namespace Grid.Gateway.Tokens;

/// <summary>What a check of a displayed code found.</summary>
public enum DisplayTokenCheck
{
    /// <summary>Genuine and fresh.</summary>
    Valid,

    /// <summary>Not a displayed code of this grid.</summary>
    Invalid,

    /// <summary>Genuine, and older than its life: a screenshot.</summary>
    Expired,
}

/// <summary>
/// The text of the QR symbol on a phone: <c>HK1:</c> and 48 bytes in Base45, 76 characters, which a version 3 symbol
/// (29 × 29) holds at level L and a version 4 symbol (33 × 33) at level M. It lives 60 s and names no person: the
/// resident's key is encrypted, and two codes of one person have nothing in common that could be followed.
/// </summary>
/// <remarks>
/// <code>
/// key id (1) | nonce (12) | resident key, expires at in Unix seconds, sealed (20) | tag (15)
/// </code>
/// The nonce is a random prefix of the process (7 bytes) and a counter (5 bytes), so that none is used twice without
/// asking the random generator each time. The kind is bound into the tag, and the key is the display key: no other
/// token of the grid can be shown as a code, and a code is no other token.
/// </remarks>
public sealed class DisplayTokens(KeyRing ring, TimeProvider time)
{
    /// <summary>How long a code is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    /// <summary>How far the clocks of two gateways may differ.</summary>
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

    /// <summary>Writes the <see cref="TextLength"/> ASCII characters of a new code; none of them needs escaping in JSON.</summary>
    /// <returns>Until when the code is good, in Unix seconds.</returns>
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

    /// <summary>Reads a code. <paramref name="residentKey"/> is set only for <see cref="DisplayTokenCheck.Valid"/>.</summary>
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
        // Good for longer than any code lives: the clock of the gateway that wrote it is wrong, and so is its end.
        if (expiresAt - now > Life + MaxClockSkew)
            return DisplayTokenCheck.Invalid;
        residentKey = new Guid(plain[..16], bigEndian: true);
        return DisplayTokenCheck.Valid;
    }

    /// <summary>A random prefix and a counter; a new prefix when the counter has gone round.</summary>
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
