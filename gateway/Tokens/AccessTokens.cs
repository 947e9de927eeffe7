using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Grid.Keys;

namespace Grid.Gateway.Tokens;

/// <summary>The outcome of a bearer token's check.</summary>
public enum AccessTokenCheck
{
    /// <summary>Genuine, unexpired and not revoked.</summary>
    Valid,

    /// <summary>The request has no bearer token.</summary>
    Missing,

    /// <summary>Not a token of this grid: forged, altered, of another kind, or signed by a retired key.</summary>
    Invalid,

    /// <summary>Genuine, but expired.</summary>
    Expired,

    /// <summary>Genuine, but issued before its subject's revocation.</summary>
    Revoked,
}

/// <summary>
/// The bearer tokens of callers: role, subject and expiry under HMAC-SHA256. A check needs no look-up, no lock and no
/// allocation.
/// </summary>
/// <remarks>
/// <code>
/// kind (1) | key id (1) | role (1) | expires at (4) | issued at (4)
///     | subject (16 for a resident, else 1 to 64) | HMAC, truncated (16)
/// </code>
/// Times are Unix seconds, big-endian. The former kind (0xA1) has no time of issue and is read until its last token
/// expires. The text is canonical base64url, so that each token has exactly one text. The kind byte and a separate key
/// prevent other signed data of the grid from passing as a token.
/// </remarks>
public sealed class AccessTokens(KeyRing ring, TimeProvider time, Revocations? revocations = null)
{
    /// <summary>The longest life of a token.</summary>
    public static readonly TimeSpan MaxLife = KeyRing.MaxTokenLife;

    /// <summary>The tolerated clock difference between the minting and the checking machine.</summary>
    private static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(1);

    private const byte Kind = 0xA2;
    private const byte FormerKind = 0xA1;
    private const int FormerHeadLength = 7;
    private const int HeadLength = 11;
    private const int MacLength = 16;
    private const int MaxTokenLength = HeadLength + Caller.MaxSubjectLength + MacLength;
    private const int ResidentSubjectLength = 16;

    /// <summary>The longest token in characters.</summary>
    public static readonly int MaxTextLength = Base64Url.GetEncodedLength(MaxTokenLength);

    /// <summary>
    /// Mints a token. A resident's subject is the resident id; others have 1 to 64 visible ASCII characters.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The subject does not suit the role, or the life is not in (0, <see cref="MaxLife"/>].
    /// </exception>
    public (string Token, DateTimeOffset ExpiresAt) Mint(Role role, string subject, TimeSpan life)
    {
        if (!Enum.IsDefined(role))
            throw new ArgumentException("There is no such role.", nameof(role));
        if (life <= TimeSpan.Zero || life > MaxLife)
            throw new ArgumentException($"A token lives up to {MaxLife.TotalHours} hours.", nameof(life));
        Span<byte> token = stackalloc byte[MaxTokenLength];
        var subjectLength = WriteSubject(role, subject, token[HeadLength..]);
        var key = ring.Active(KeyPurpose.AccessToken);
        // Whole seconds, so that the returned expiry equals the token's.
        var now = time.GetUtcNow();
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((now + life).ToUnixTimeSeconds());
        token[0] = Kind;
        token[1] = key.Id;
        token[2] = (byte)role;
        BinaryPrimitives.WriteUInt32BigEndian(token[3..], checked((uint)expiresAt.ToUnixTimeSeconds()));
        BinaryPrimitives.WriteUInt32BigEndian(token[7..], checked((uint)now.ToUnixTimeSeconds()));
        var signed = HeadLength + subjectLength;
        Span<byte> mac = stackalloc byte[SecretKey.MacLength];
        key.Mac(token[..signed], mac);
        mac[..MacLength].CopyTo(token[signed..]);
        return (Base64Url.EncodeToString(token[..(signed + MacLength)]), expiresAt);
    }

    /// <summary>Checks a token. Sets <paramref name="caller"/> only for <see cref="AccessTokenCheck.Valid"/>.</summary>
    public AccessTokenCheck Check(ReadOnlySpan<char> text, out Caller caller)
    {
        caller = default;
        Span<byte> token = stackalloc byte[MaxTokenLength];
        if (
            !CanonicalBase64Url.TryDecode(text, token, out var length)
            || length < HeadLength + 1 + MacLength
            || token[0] is not (Kind or FormerKind)
        )
            return AccessTokenCheck.Invalid;
        if (ring.Find(KeyPurpose.AccessToken, token[1]) is not { } key)
            return AccessTokenCheck.Invalid;
        var signed = length - MacLength;
        Span<byte> mac = stackalloc byte[SecretKey.MacLength];
        key.Mac(token[..signed], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac[..MacLength], token[signed..length]))
            return AccessTokenCheck.Invalid;

        var role = (Role)token[2];
        var subject = token[(token[0] == Kind ? HeadLength : FormerHeadLength)..signed];
        var ends = BinaryPrimitives.ReadUInt32BigEndian(token[3..]);
        var issued = token[0] == Kind ? BinaryPrimitives.ReadUInt32BigEndian(token[7..]) : 0;
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(ends);
        var now = time.GetUtcNow();
        if (!CanBe(key, now, issued, ends))
            return AccessTokenCheck.Invalid;
        if (role == Role.Resident)
        {
            if (subject.Length != ResidentSubjectLength)
                return AccessTokenCheck.Invalid;
            caller = new Caller(role, expiresAt, new Guid(subject, bigEndian: true));
        }
        else
        {
            caller = new Caller(role, expiresAt, subject);
        }
        if (now < expiresAt && revocations?.Covers(caller, issued) != true)
            return AccessTokenCheck.Valid;
        caller = default;
        return now < expiresAt ? AccessTokenCheck.Revoked : AccessTokenCheck.Expired;
    }

    // A stolen key can sign anything, so check the times too: no token lives longer than MaxLife, and under a
    // superseded key none ends later than MaxLife after its successor began.
    private bool CanBe(SecretKey key, DateTimeOffset now, uint issued, uint ends)
    {
        var skew = (long)MaxClockSkew.TotalSeconds;
        var latest = now.ToUnixTimeSeconds() + skew;
        return issued <= latest
            && ends <= latest + (long)MaxLife.TotalSeconds
            && ends <= ring.TokensEndBy(KeyPurpose.AccessToken, key.Id) + skew;
    }

    /// <summary>
    /// True when a token of that role may have this subject. No part between slashes may be empty: <c>/</c> would be a
    /// device of a venue without a name.
    /// </summary>
    public static bool IsSubject(Role role, string subject) =>
        role == Role.Resident
            ? Guid.TryParse(subject, out _)
            : subject.Length is > 0 and <= Caller.MaxSubjectLength
                && !subject.AsSpan().ContainsAnyExceptInRange('!', '~')
                && subject is not ['/', ..] and not [.., '/']
                && !subject.Contains("//", StringComparison.Ordinal);

    private static int WriteSubject(Role role, string subject, Span<byte> to)
    {
        if (!IsSubject(role, subject))
            throw new ArgumentException(
                role == Role.Resident
                    ? "The subject of a resident's token is the resident id."
                    : $"A subject has 1 to {Caller.MaxSubjectLength} visible ASCII characters.",
                nameof(subject)
            );
        if (role != Role.Resident)
            return Encoding.ASCII.GetBytes(subject, to);
        Guid.Parse(subject).TryWriteBytes(to, bigEndian: true, out var length);
        return length;
    }
}
