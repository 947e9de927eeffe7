namespace Grid.Codec;

/// <summary>What the codec refuses, so that neither bad bytes nor a bad value can take the process with them.</summary>
public static class CodecLimits
{
    /// <summary>How deep messages and collections may be nested.</summary>
    public const int DepthMax = 64;

    /// <summary>The longest that one written value may become, in bytes.</summary>
    public const int ValueBytesMax = 64 * 1024 * 1024;

    /// <summary>
    /// How many elements a collection makes room for before it has read them. A longer one grows as its elements arrive,
    /// so that a count that lies costs no more memory than the bytes that back it.
    /// </summary>
    public const int ElementsPresized = 4096;
}
