using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Grid.Sessions;

/// <summary>The codes that go to phones: six digits, a short life, few attempts. Kept as a digest only.</summary>
public static class OneTimeCodes
{
    /// <summary>Digits of a code.</summary>
    public const int Length = 6;

    /// <summary>Wrong codes after which a code is void: 5 of a million leave a guesser 1 in 200,000.</summary>
    public const int AttemptsMax = 5;

    /// <summary>How long a code can be used.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>A new code.</summary>
    public static string New() => RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", CultureInfo.InvariantCulture);

    /// <summary>SHA-256 of a code, bound to what it opens.</summary>
    public static byte[] Digest(Guid bound, string code) => SHA256.HashData(Encoding.UTF8.GetBytes($"{bound:N}|{code}"));

    /// <summary>Whether a code is the one of a digest.</summary>
    public static bool Matches(byte[] digest, Guid bound, string code) => CryptographicOperations.FixedTimeEquals(digest, Digest(bound, code));
}
