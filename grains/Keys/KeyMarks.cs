using System.Security.Cryptography;

namespace Grid.Keys;

/// <summary>Tells rings apart without giving anything of a key away: what was sealed under one can't be read under another.</summary>
public static class KeyMarks
{
    private const int MarkBytes = 8;

    private static readonly byte[] s_said = "grid key mark"u8.ToArray();

    /// <summary>The marks of the keys that stored states depend on: those of profiles, and the pepper of the residents' keys.</summary>
    public static string[] Of(KeyRing ring) =>
        [.. new[] { KeyPurpose.ResidentPepper, KeyPurpose.Profile }.SelectMany(purpose =>
            ring.All(purpose).Select(key => $"{purpose}:{key.Id}:{Mark(key)}"))];

    /// <summary>What all processes with copies of one ring have in common, as long as the grid lives: the mark of its first pepper.</summary>
    public static string OfGrid(KeyRing ring) => Mark(ring.All(KeyPurpose.ResidentPepper)[0]);

    private static string Mark(SecretKey key) => Convert.ToHexStringLower(HMACSHA256.HashData(key.Secret, s_said).AsSpan(0, MarkBytes));
}
