using System.Security.Cryptography;

namespace Grid.Keys;

/// <summary>
/// Tells key rings apart without revealing a key. Data that one ring sealed can't be read with another ring.
/// </summary>
public static class KeyMarks
{
    private const int MarkBytes = 8;

    private static readonly byte[] MarkText = "grid key mark"u8.ToArray();

    /// <summary>
    /// The marks of the keys that stored states depend on: the profile keys and the pepper of the resident keys.
    /// </summary>
    public static string[] Of(KeyRing ring) =>
        [
            .. new[] { KeyPurpose.ResidentPepper, KeyPurpose.Profile }.SelectMany(purpose =>
                ring.All(purpose).Select(key => $"{purpose}:{key.Id}:{Mark(key)}")
            ),
        ];

    /// <summary>
    /// The mark of the first pepper. It is the same for every copy of a ring, and it never changes.
    /// </summary>
    public static string OfGrid(KeyRing ring) => Mark(ring.All(KeyPurpose.ResidentPepper)[0]);

    private static string Mark(SecretKey key) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key.Secret, MarkText).AsSpan(0, MarkBytes));
}
