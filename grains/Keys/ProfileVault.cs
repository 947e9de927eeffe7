using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Grid.Keys;

/// <summary>What the grid knows of a person by name. Never logged, never in an exception, never in a URL.</summary>
public sealed record PersonalData(string Name, string IdNumber, string Phone)
{
    /// <summary>Says nothing: a record's own text would print all three.</summary>
    public override string ToString() => nameof(PersonalData);
}

/// <summary>
/// Seals personal data for the store: AES-256-GCM with a random nonce, bound to the resident, so that a profile that
/// was moved to another row does not open. A usual profile (18-character number, 11-digit phone, three characters of
/// name) takes 48 bytes.
/// </summary>
/// <remarks>
/// <code>
/// key id (1) | nonce (12) | sealed | tag (16)
/// sealed:  flags (1) | number and phone as one packed integer (12), or each as length and UTF-8 | name
/// </code>
/// With random nonces one key may seal 2³² profiles; a city of 47 M that rotates yearly stays far below.
/// </remarks>
public sealed class ProfileVault(KeyRing ring)
{
    /// <summary>The longest of each of the three texts, in UTF-8 bytes.</summary>
    public const int TextBytesMax = 240;

    private const int TagLength = 16;
    private const int HeaderLength = 1 + SecretKey.NonceLength;
    private const int PackedLength = 12;
    private const int PlainLengthMax = 1 + 3 * (1 + TextBytesMax);
    private const int CheckCharacters = 11;
    private const ulong PhoneRange = 10_000_000_000;
    private const int TextBoundLength = 18;
    private const byte TextMark = (byte)'t';
    private const byte Packed = 1;
    private const byte NameInUtf16 = 2;
    private const byte KnownFlags = Packed | NameInUtf16;

    /// <summary>Seals under the newest profile key.</summary>
    /// <exception cref="ArgumentException">A text is longer than <see cref="TextBytesMax"/>.</exception>
    public byte[] Seal(Guid residentKey, PersonalData data)
    {
        Span<byte> plain = stackalloc byte[PlainLengthMax];
        var length = Pack(data, plain);
        var key = ring.Active(KeyPurpose.Profile);
        var row = new byte[HeaderLength + length + TagLength];
        row[0] = key.Id;
        var nonce = row.AsSpan(1, SecretKey.NonceLength);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> bound = stackalloc byte[17];
        Bind(residentKey, key.Id, bound);
        key.Encrypt(nonce, plain[..length], row.AsSpan(HeaderLength, length), row.AsSpan(HeaderLength + length), bound);
        CryptographicOperations.ZeroMemory(plain);
        return row;
    }

    /// <summary>Opens what <see cref="Seal"/> made for the same resident.</summary>
    /// <exception cref="CryptographicException">The row was changed, belongs to another resident, or its key is gone.</exception>
    public PersonalData Unseal(Guid residentKey, ReadOnlySpan<byte> row)
    {
        var length = row.Length - HeaderLength - TagLength;
        if (length < 1 || length > PlainLengthMax)
            throw new CryptographicException("A sealed profile has an impossible length.");
        var key = ring.Find(KeyPurpose.Profile, row[0])
            ?? throw new CryptographicException($"The profile key {row[0]} is not in the key ring.");
        Span<byte> plain = stackalloc byte[length];
        Span<byte> bound = stackalloc byte[17];
        Bind(residentKey, key.Id, bound);
        if (!key.TryDecrypt(row.Slice(1, SecretKey.NonceLength), row.Slice(HeaderLength, length), row[(HeaderLength + length)..], plain, bound))
            throw new CryptographicException("A sealed profile does not open: it was changed or belongs to another resident.");
        var data = Unpack(plain);
        CryptographicOperations.ZeroMemory(plain);
        return data;
    }

    /// <summary>
    /// Seals what a member of the staff typed, such as a reason: it may name somebody. Bound to what it is about, and no profile.
    /// </summary>
    /// <returns>Base64 of the layout above.</returns>
    public string SealText(Guid about, string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var key = ring.Active(KeyPurpose.Profile);
        var row = new byte[HeaderLength + plain.Length + TagLength];
        row[0] = key.Id;
        var nonce = row.AsSpan(1, SecretKey.NonceLength);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> bound = stackalloc byte[TextBoundLength];
        BindText(about, key.Id, bound);
        key.Encrypt(nonce, plain, row.AsSpan(HeaderLength, plain.Length), row.AsSpan(HeaderLength + plain.Length), bound);
        return Convert.ToBase64String(row);
    }

    /// <summary>Opens what <see cref="SealText"/> made about the same.</summary>
    /// <exception cref="CryptographicException">The text was changed, is about something else, or its key is gone.</exception>
    public string UnsealText(Guid about, string sealedText)
    {
        var row = new byte[sealedText.Length];
        if (!Convert.TryFromBase64String(sealedText, row, out var count) || count < HeaderLength + TagLength
            || ring.Find(KeyPurpose.Profile, row[0]) is not { } key)
            throw new CryptographicException("A sealed text is none, or its key is not in the key ring.");
        var plain = new byte[count - HeaderLength - TagLength];
        Span<byte> bound = stackalloc byte[TextBoundLength];
        BindText(about, key.Id, bound);
        return key.TryDecrypt(
            row.AsSpan(1, SecretKey.NonceLength), row.AsSpan(HeaderLength, plain.Length), row.AsSpan(count - TagLength, TagLength), plain, bound)
            ? Encoding.UTF8.GetString(plain)
            : throw new CryptographicException("A sealed text does not open: it was changed or is about something else.");
    }

    /// <summary>True when the row is sealed under a key that no longer writes and should be sealed anew when next written.</summary>
    public bool IsStale(ReadOnlySpan<byte> row) => row.IsEmpty || row[0] != ring.Active(KeyPurpose.Profile).Id;

    // Longer than what a profile is bound to: neither opens as the other.
    private static void BindText(Guid about, byte keyId, Span<byte> bound)
    {
        Bind(about, keyId, bound);
        bound[^1] = TextMark;
    }

    private static void Bind(Guid residentKey, byte keyId, Span<byte> bound)
    {
        residentKey.TryWriteBytes(bound, bigEndian: true, out _);
        bound[16] = keyId;
    }

    private static int Pack(PersonalData data, Span<byte> plain)
    {
        byte flags = 0;
        var at = 1;
        if (TryPack(data.IdNumber, data.Phone, out var packed))
        {
            flags |= Packed;
            Span<byte> wide = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(wide, packed);
            wide[(16 - PackedLength)..].CopyTo(plain[at..]);
            at += PackedLength;
        }
        else
        {
            at += WriteText(data.IdNumber, plain[at..]);
            at += WriteText(data.Phone, plain[at..]);
        }
        var utf8 = Encoding.UTF8.GetByteCount(data.Name);
        if (utf8 > TextBytesMax)
            throw new ArgumentException($"A name may have {TextBytesMax} bytes.");
        if (data.Name.Length * 2 < utf8)
        {
            flags |= NameInUtf16;
            at += Encoding.BigEndianUnicode.GetBytes(data.Name, plain[at..]);
        }
        else
        {
            at += Encoding.UTF8.GetBytes(data.Name, plain[at..]);
        }
        plain[0] = flags;
        return at;
    }

    private static PersonalData Unpack(ReadOnlySpan<byte> plain)
    {
        var flags = plain[0];
        if ((flags & ~KnownFlags) != 0)
            throw new CryptographicException("A sealed profile was written by a newer version.");
        var rest = plain[1..];
        string idNumber, phone;
        if ((flags & Packed) != 0)
        {
            Span<byte> wide = stackalloc byte[16];
            wide.Clear();
            rest[..PackedLength].CopyTo(wide[(16 - PackedLength)..]);
            Unpack(BinaryPrimitives.ReadUInt128BigEndian(wide), out idNumber, out phone);
            rest = rest[PackedLength..];
        }
        else
        {
            idNumber = ReadText(ref rest);
            phone = ReadText(ref rest);
        }
        var name = (flags & NameInUtf16) != 0 ? Encoding.BigEndianUnicode.GetString(rest) : Encoding.UTF8.GetString(rest);
        return new PersonalData(name, idNumber, phone);
    }

    /// <summary>17 digits and a check character (0-9 or X), and 1 with ten digits, as one number below 2⁹⁶.</summary>
    private static bool TryPack(string idNumber, string phone, out UInt128 packed)
    {
        packed = 0;
        if (idNumber.Length != 18 || phone.Length != 11 || phone[0] != '1')
            return false;
        if (!Digits(idNumber.AsSpan(0, 17), out var digits) || !Digits(phone.AsSpan(1), out var subscriber))
            return false;
        var check = idNumber[17] switch
        {
            >= '0' and <= '9' and var c => c - '0',
            'X' => 10,
            _ => -1,
        };
        packed = ((UInt128)digits * CheckCharacters + (uint)Math.Max(check, 0)) * PhoneRange + subscriber;
        return check >= 0;
    }

    private static void Unpack(UInt128 packed, out string idNumber, out string phone)
    {
        var subscriber = (ulong)(packed % PhoneRange);
        var number = (ulong)(packed / PhoneRange);
        var check = (int)(number % CheckCharacters);
        idNumber = (number / CheckCharacters).ToString("D17", CultureInfo.InvariantCulture)
            + (check == 10 ? 'X' : (char)('0' + check));
        phone = "1" + subscriber.ToString("D10", CultureInfo.InvariantCulture);
    }

    private static bool Digits(ReadOnlySpan<char> text, out ulong value)
        => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static int WriteText(string text, Span<byte> to)
    {
        if (Encoding.UTF8.GetByteCount(text) is var length && length > TextBytesMax)
            throw new ArgumentException($"A text of a profile may have {TextBytesMax} bytes.");
        to[0] = (byte)length;
        return 1 + Encoding.UTF8.GetBytes(text, to[1..]);
    }

    private static string ReadText(ref ReadOnlySpan<byte> from)
    {
        if (from.IsEmpty || from.Length <= from[0])
            throw new CryptographicException("A sealed profile is cut off.");
        var text = Encoding.UTF8.GetString(from.Slice(1, from[0]));
        from = from[(from[0] + 1)..];
        return text;
    }
}
