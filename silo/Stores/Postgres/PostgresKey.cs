using System.Text;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// Keys in <c>bytea</c> columns: a tag, then the 16 bytes of a GUID or the UTF-8 of any other key. Bytes compare
/// without a collation, and no text can be mistaken for a GUID.
/// </summary>
internal static class PostgresKey
{
    private const byte GuidTag = 0;
    private const byte TextTag = 1;
    private const int GuidBytes = 16;

    /// <summary>The key of a grain.</summary>
    internal static byte[] Of(in StateKey key)
    {
        if (key.Text is { } text)
            return Tagged(TextTag, Encoding.UTF8.GetByteCount(text), text, static (text, target) =>
                Encoding.UTF8.GetBytes(text, target)
            );
        return Tagged(GuidTag, GuidBytes, key.Guid, static (guid, target) =>
            guid.TryWriteBytes(target, bigEndian: true, out _)
        );
    }

    /// <summary>The key of a visit.</summary>
    internal static byte[] Of(in VisitKey key)
    {
        var bytes = new byte[1 + key.Bytes.Length];
        bytes[0] = key.IsText ? TextTag : GuidTag;
        key.Bytes.CopyTo(bytes.AsSpan(1));
        return bytes;
    }

    /// <summary>The key as text, as in a grain id.</summary>
    internal static string GrainKey(ReadOnlySpan<byte> stored) =>
        IsText(stored) ? Encoding.UTF8.GetString(stored[1..]) : new Guid(stored[1..], bigEndian: true).ToString("N");

    /// <summary>The key as a grain id's span, without creating a string for a GUID.</summary>
    internal static IdSpan IdOf(ReadOnlySpan<byte> stored) =>
        IsText(stored)
            ? IdSpan.Create(Encoding.UTF8.GetString(stored[1..]))
            : GrainIdKeyExtensions.CreateGuidKey(new Guid(stored[1..], bigEndian: true));

    /// <summary>The scan id of a visit.</summary>
    internal static string ScanId(ReadOnlySpan<byte> stored) => VisitKey.Format(IsText(stored), stored[1..]);

    private static bool IsText(ReadOnlySpan<byte> stored) =>
        stored is [TextTag, ..]
        || (
            stored is [GuidTag, .. { Length: GuidBytes }]
                ? false
                : throw new StoreException(StoreErrorCodes.Damaged, "A stored key can't be read.")
        );

    private static byte[] Tagged<T>(byte tag, int length, T value, Action<T, Span<byte>> write)
    {
        var bytes = new byte[1 + length];
        bytes[0] = tag;
        write(value, bytes.AsSpan(1));
        return bytes;
    }
}

/// <summary>Compares keys by their bytes.</summary>
internal sealed class BytesComparer : IEqualityComparer<byte[]>
{
    internal static readonly BytesComparer Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }
}

/// <summary>Orders keys by their bytes.</summary>
internal sealed class BytesOrder : IComparer<byte[]>
{
    internal static readonly BytesOrder Instance = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
