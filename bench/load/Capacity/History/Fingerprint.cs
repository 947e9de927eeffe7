namespace Grid.Bench.Load.Capacity.History;

/// <summary>64 bits of an answer, to tell whether a repeat got the same one (FNV-1a).</summary>
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
