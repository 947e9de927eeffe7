using System.Security.Cryptography;
using System.Text;

namespace Grid.Scans;

/// <summary>
/// Makes the id under which a scan is recorded from the venue and the device's id. So two venues may use the same ids,
/// and no device can reach a row of another venue or of a phone's check-in.
/// </summary>
public static class ScanKey
{
    private const int UuidBytes = 16;
    private const int TimeBytes = 6;
    private const int VersionByte = 6;
    private const int VariantByte = 8;
    private const int Version7 = 0x70;
    private const int Version8 = 0x80;
    private const int Variant = 0x80;
    private const int MaxTextBytes = 3 * 129;

    /// <summary>
    /// The key as a UUID, which a store keeps in 16 bytes. It starts with the time of a UUIDv7, so rows keep its order.
    /// The rest is SHA-256 over venue and id.
    /// </summary>
    /// <param name="venueId">The device's venue, 1 to 64 characters.</param>
    /// <param name="scanId">The device's id of the scan, 1 to 64 characters.</param>
    public static Guid Of(string venueId, string scanId)
    {
        Span<byte> text = stackalloc byte[MaxTextBytes];
        var length = Encoding.UTF8.GetBytes(venueId, text);
        text[length++] = (byte)'\n';
        length += Encoding.UTF8.GetBytes(scanId, text[length..]);
        Span<byte> key = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], key);
        var isVersion7 = Guid.TryParseExact(scanId, "D", out var uuid) && uuid.Version == 7;
        if (isVersion7)
        {
            Span<byte> bytes = stackalloc byte[UuidBytes];
            uuid.TryWriteBytes(bytes, bigEndian: true, out _);
            bytes[..TimeBytes].CopyTo(key);
        }
        key[VersionByte] = (byte)((key[VersionByte] & 0x0F) | (isVersion7 ? Version7 : Version8));
        key[VariantByte] = (byte)((key[VariantByte] & 0x3F) | Variant);
        return new Guid(key[..UuidBytes], bigEndian: true);
    }
}
