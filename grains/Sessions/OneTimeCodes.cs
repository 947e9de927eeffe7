using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Grid.Sessions;

/// <summary>
/// The codes that go to phones: six digits, a short life, few attempts. Grid keeps only their digests.
/// </summary>
public static class OneTimeCodes
{
    /// <summary>Digits of a code.</summary>
    public const int Length = 6;

    /// <summary>
    /// After this many wrong codes the code is void. Five guesses of a million codes succeed once in 200,000.
    /// </summary>
    public const int MaxAttempts = 5;

    /// <summary>How long a code is valid.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    public static string New() =>
        RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", CultureInfo.InvariantCulture);

    /// <summary>SHA-256 of a code, bound to the id of what it opens.</summary>
    public static byte[] Digest(Guid bound, string code) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{bound:N}|{code}"));

    /// <summary>Compares in constant time.</summary>
    public static bool Matches(byte[] digest, Guid bound, string code) =>
        CryptographicOperations.FixedTimeEquals(digest, Digest(bound, code));
}
