namespace Grid.Bench.Load.Capacity.History;

/// <summary>A 64-bit hash (FNV-1a) of an answer, to compare a repeat with the first answer.</summary>
internal static class Fingerprint
{
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes)
            hash = (hash ^ b) * 1099511628211UL;
        return hash;
    }
}
