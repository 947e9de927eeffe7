using System.Text;
using Grid.Residents;

namespace Grid.Keys;

/// <summary>
/// Derives a resident's grain key from the id number: HMAC-SHA256 under the pepper, cut to 16 bytes. Without the pepper
/// an attacker can't test the few hundred million possible numbers against the keys.
/// </summary>
/// <remarks>The bits are uniform, without version bits. The first ten choose the partition.</remarks>
public sealed class ResidentKeys(KeyRing ring)
{
    private readonly SecretKey _pepper = ring.Active(KeyPurpose.ResidentPepper);

    /// <exception cref="ArgumentException">The number is the default value.</exception>
    public Guid Of(IdNumber number)
    {
        if (number == default)
            throw new ArgumentException("The id number is empty.", nameof(number));
        Span<char> text = stackalloc char[IdNumber.Length];
        Span<byte> ascii = stackalloc byte[IdNumber.Length];
        Span<byte> mac = stackalloc byte[SecretKey.MacLength];
        number.CopyTo(text);
        Ascii.FromUtf16(text, ascii, out _);
        _pepper.Mac(ascii, mac);
        return new Guid(mac[..16], bigEndian: true);
    }
}
