using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Grid.Keys;

/// <summary>
/// Seals personal data for the store with AES-256-GCM under a random nonce. The resident's key is bound to it, so a
/// profile moved to another row does not open. A profile with a name of three characters takes 48 bytes.
/// </summary>
/// <remarks>
/// <code>
/// key id (1) | nonce (12) | sealed | tag (16)
/// sealed:  flags (1) | number and phone as one packed integer (12), or each as length and UTF-8 | name
/// </code>
/// With random nonces one key may seal 2³² profiles; a city of 47 M people that rotates yearly stays far below.
/// </remarks>
public sealed class ProfileVault(KeyRing ring)
{
    /// <summary>Maximum UTF-8 bytes of each of the three texts.</summary>
    public const int MaxTextBytes = 240;

    private const int TagLength = 16;
    private const int HeaderLength = 1 + SecretKey.NonceLength;
    private const int PackedLength = 12;
    private const int MaxPlainLength = 1 + 3 * (1 + MaxTextBytes);
    private const int CheckCharacters = 11;
    private const ulong PhoneRange = 10_000_000_000;
    private const int TextBoundLength = 18;
    private const byte TextMark = (byte)'t';
    private const byte Packed = 1;
    private const byte NameInUtf16 = 2;
    private const byte KnownFlags = Packed | NameInUtf16;

    /// <summary>Seals a profile under the active profile key.</summary>
    /// <exception cref="ArgumentException">A text is longer than <see cref="MaxTextBytes"/>.</exception>
    public byte[] Seal(Guid residentKey, PersonalData data)
    {
        Span<byte> plain = stackalloc byte[MaxPlainLength];
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

    /// <summary>Opens a profile that <see cref="Seal"/> made for the same resident.</summary>
    /// <exception cref="CryptographicException">
    /// The row was changed, belongs to another resident, or its key is gone.
    /// </exception>
    public PersonalData Unseal(Guid residentKey, ReadOnlySpan<byte> row)
    {
        var length = row.Length - HeaderLength - TagLength;
        if (length < 1 || length > MaxPlainLength)
            throw new CryptographicException("The length of the sealed profile is impossible.");
        var key = ring.Find(KeyPurpose.Profile, row[0])
            ?? throw new CryptographicException($"The profile key {row[0]} is not in the key ring.");
        Span<byte> plain = stackalloc byte[length];
        Span<byte> bound = stackalloc byte[17];
        Bind(residentKey, key.Id, bound);
        var nonce = row.Slice(1, SecretKey.NonceLength);
        var tag = row[(HeaderLength + length)..];
        if (!key.TryDecrypt(nonce, row.Slice(HeaderLength, length), tag, plain, bound))
            throw new CryptographicException("The sealed profile was changed or belongs to another resident.");
        var data = Unpack(plain);
        CryptographicOperations.ZeroMemory(plain);
        return data;
    }

    /// <summary>
    /// Seals a text that a member of the staff typed, such as a reason, because it may name a person. The id of its
    /// subject is bound to it.
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
        var tag = row.AsSpan(HeaderLength + plain.Length);
        key.Encrypt(nonce, plain, row.AsSpan(HeaderLength, plain.Length), tag, bound);
        return Convert.ToBase64String(row);
    }

    /// <summary>Opens a text that <see cref="SealText"/> made for the same subject.</summary>
    /// <exception cref="CryptographicException">
    /// The text was changed, has another subject, or its key is gone.
    /// </exception>
    public string UnsealText(Guid about, string sealedText)
    {
        var row = new byte[sealedText.Length];
        if (
            !Convert.TryFromBase64String(sealedText, row, out var count)
            || count < HeaderLength + TagLength
            || ring.Find(KeyPurpose.Profile, row[0]) is not { } key
        )
            throw new CryptographicException("The sealed text is malformed, or its key is not in the key ring.");
        var plain = new byte[count - HeaderLength - TagLength];
        Span<byte> bound = stackalloc byte[TextBoundLength];
        BindText(about, key.Id, bound);
        var nonce = row.AsSpan(1, SecretKey.NonceLength);
        var tag = row.AsSpan(count - TagLength, TagLength);
        return key.TryDecrypt(nonce, row.AsSpan(HeaderLength, plain.Length), tag, plain, bound)
            ? Encoding.UTF8.GetString(plain)
            : throw new CryptographicException("The sealed text was changed or has another subject.");
    }

    /// <summary>Whether another key than the active one sealed the row: seal it again with the next write.</summary>
    public bool IsStale(ReadOnlySpan<byte> row) => row.IsEmpty || row[0] != ring.Active(KeyPurpose.Profile).Id;

    // One byte longer than the bound data of a profile, so neither opens as the other.
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
        if (utf8 > MaxTextBytes)
            throw new ArgumentException($"The name has more than {MaxTextBytes} bytes.");
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
            throw new CryptographicException("A newer version wrote the sealed profile.");
        var rest = plain[1..];
        string idNumber,
            phone;
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
        var encoding = (flags & NameInUtf16) != 0 ? Encoding.BigEndianUnicode : Encoding.UTF8;
        return new PersonalData(encoding.GetString(rest), idNumber, phone);
    }

    /// <summary>
    /// Packs 17 digits with their check character (0-9 or X), and 1 with ten digits, into one number below 2⁹⁶.
    /// </summary>
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
        idNumber =
            (number / CheckCharacters).ToString("D17", CultureInfo.InvariantCulture)
            + (check == 10 ? 'X' : (char)('0' + check));
        phone = "1" + subscriber.ToString("D10", CultureInfo.InvariantCulture);
    }

    private static bool Digits(ReadOnlySpan<char> text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static int WriteText(string text, Span<byte> to)
    {
        if (Encoding.UTF8.GetByteCount(text) is var length && length > MaxTextBytes)
            throw new ArgumentException($"A text of the profile has more than {MaxTextBytes} bytes.");
        to[0] = (byte)length;
        return 1 + Encoding.UTF8.GetBytes(text, to[1..]);
    }

    private static string ReadText(ref ReadOnlySpan<byte> from)
    {
        if (from.IsEmpty || from.Length <= from[0])
            throw new CryptographicException("The sealed profile is cut off.");
        var text = Encoding.UTF8.GetString(from.Slice(1, from[0]));
        from = from[(from[0] + 1)..];
        return text;
    }
}
