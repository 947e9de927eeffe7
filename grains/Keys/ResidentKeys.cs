using System.Text;

namespace Grid.Keys;

/// <summary>
/// From an id number to the grain key of its resident: HMAC-SHA256 under the pepper, cut to 16 bytes. Without the
/// pepper nobody can try the few hundred million possible numbers against the keys. The bits are uniform (no version
/// bits are set), and the first ten choose the partition.
/// </summary>
public sealed class ResidentKeys(KeyRing ring)
{
    /// <summary>Longer input is no id number.</summary>
    public const int IdNumberLengthMax = 32;

    private readonly SecretKey _pepper = ring.Active(KeyPurpose.ResidentPepper);

    /// <summary>The grain key of a number. Surrounding blanks and the case of the check character don't matter.</summary>
    /// <exception cref="ArgumentException">The number is empty, too long or not ASCII: it was not validated.</exception>
    public Guid Of(ReadOnlySpan<char> idNumber)
    {
        idNumber = idNumber.Trim();
        Span<byte> normalised = stackalloc byte[IdNumberLengthMax];
        if (idNumber.IsEmpty || idNumber.Length > IdNumberLengthMax || !Ascii.IsValid(idNumber))
            throw new ArgumentException("Not an id number.", nameof(idNumber));
        Ascii.ToUpper(idNumber, normalised, out var length);
        Span<byte> mac = stackalloc byte[SecretKey.MacLength];
        _pepper.Mac(normalised[..length], mac);
        return new Guid(mac[..16], bigEndian: true);
    }
}
