using System.Buffers.Binary;
using System.Text;

namespace Grid.Silo.Stores;

/// <summary>
/// The scan id as the column <c>scan</c> stores it, and the day that it names. A UUID in its usual form is stored as 16
/// bytes. UUIDs of version 7 are in time order, so a row costs a fraction of a page instead of a whole page.
/// </summary>
internal readonly ref struct VisitKey
{
    /// <summary>Maximum characters of a scan id.</summary>
    internal const int MaxScanIdChars = 64;

    private const int UuidChars = 36;
    private const int VersionByte = 6;

    private VisitKey(ReadOnlySpan<byte> bytes, bool isText, int? day)
    {
        Bytes = bytes;
        IsText = isText;
        Day = day;
    }

    /// <summary>The stored bytes.</summary>
    internal ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Whether it is stored as text.</summary>
    internal bool IsText { get; }

    /// <summary>The day of a UUID of version 7; null for any other id.</summary>
    internal int? Day { get; }

    /// <summary>Reads a scan id.</summary>
    /// <param name="scanId">The scan id, as the device sent it.</param>
    /// <param name="scratch">A buffer for its UTF-8.</param>
    internal static VisitKey Of(string scanId, Span<byte> scratch)
    {
        if (scanId.Length != UuidChars || !Guid.TryParseExact(scanId, "D", out var uuid))
            return new VisitKey(scratch[..Encoding.UTF8.GetBytes(scanId, scratch)], isText: true, day: null);
        uuid.TryWriteBytes(scratch, bigEndian: true, out var written);
        int? day =
            scratch[VersionByte] >> 4 == 7
                ? VisitDay.Of((long)(BinaryPrimitives.ReadUInt64BigEndian(scratch) >> 16))
                : null;
        // Ids are compared as sent: an upper-case UUID differs from the lower-case one.
        return scanId.AsSpan().ContainsAnyInRange('A', 'F')
            ? new VisitKey(scratch[..Encoding.UTF8.GetBytes(scanId, scratch)], isText: true, day)
            : new VisitKey(scratch[..written], isText: false, day);
    }

    /// <summary>The scan id of a stored row.</summary>
    internal static string Format(bool isText, ReadOnlySpan<byte> bytes) =>
        isText ? Encoding.UTF8.GetString(bytes) : new Guid(bytes, bigEndian: true).ToString("D");
}
