namespace Grid.Residents;

/// <summary>What <see cref="IdNumber.Parse"/> found; the first thing wrong, read from left to right.</summary>
public enum IdNumberOutcome : byte
{
    /// <summary>A well-formed number. It says nothing of whether it was ever issued.</summary>
    Valid,

    /// <summary>Not 18 characters. The 15-digit numbers of before 1999 are void since 2013 and are refused too.</summary>
    Length,

    /// <summary>Something but ASCII digits, with X or x allowed as the last character only.</summary>
    Characters,

    /// <summary>The address code is none that the Ministry ever gave out; see <see cref="RegionCode"/>.</summary>
    Region,

    /// <summary>No such day, a day to come, or one before <see cref="IdNumber.EarliestBirth"/>.</summary>
    BirthDate,

    /// <summary>The last character is not the MOD 11-2 check character of the other seventeen.</summary>
    CheckDigit,
}

/// <summary>The sex that the sequence number states: odd male, even female.</summary>
public enum Sex : byte
{
    Female,
    Male,
}

/// <summary>
/// A citizen identification number (GB 11643-1999): six digits of address code, eight of birth date, three of
/// sequence, and a check character by ISO 7064 MOD 11-2. Always valid when it comes from <see cref="Parse"/>.
/// </summary>
/// <remarks>
/// Personal data. <see cref="ToString"/> is masked, so that a log line or an exception can't leak it by accident;
/// the whole number is had only by asking for it, with <see cref="Reveal"/> or <see cref="CopyTo"/>. The number of a
/// foreign permanent resident (first digit 9) has another form and is refused as <see cref="IdNumberOutcome.Region"/>.
/// </remarks>
public readonly struct IdNumber : IEquatable<IdNumber>
{
    /// <summary>Characters in a number.</summary>
    public const int Length = 18;

    private const int BodyLength = Length - 1;
    private const string CheckCharacters = "10X98765432";

    /// <summary>The first birthday that is believed. The standard's own example of a very old person is of 1880.</summary>
    public static readonly DateOnly EarliestBirth = new(1880, 1, 1);

    // The first seventeen digits as one number: all else follows from it, and a copy costs eight bytes.
    private readonly long _body;

    private IdNumber(long body) => _body = body;

    /// <summary>The address code, six digits: where the number was issued, not where its bearer lives.</summary>
    public int Region => (int)(_body / 100_000_000_000);

    /// <summary>The day of birth.</summary>
    public DateOnly BirthDate
    {
        get
        {
            int date = (int)(_body / 1_000 % 100_000_000);
            return new DateOnly(date / 10_000, date / 100 % 100, date % 100);
        }
    }

    /// <summary>The sequence among those born on one day in one region, 0 to 999.</summary>
    public int Sequence => (int)(_body % 1_000);

    /// <summary>The sex that the sequence states.</summary>
    public Sex Sex => (Sequence & 1) == 1 ? Sex.Male : Sex.Female;

    /// <summary>Reads a number as a person types it, without blanks; a lower-case x is taken as X.</summary>
    /// <param name="text">The 18 characters.</param>
    /// <param name="today">The civil day in China, see <see cref="CivilDay"/>: nobody is born after it.</param>
    /// <param name="number">The number when the answer is <see cref="IdNumberOutcome.Valid"/>, else the default.</param>
    public static IdNumberOutcome Parse(ReadOnlySpan<char> text, DateOnly today, out IdNumber number)
    {
        number = default;
        if (text.Length != Length)
            return IdNumberOutcome.Length;

        long body = 0;
        for (int i = 0; i < BodyLength; i++)
        {
            if (!char.IsAsciiDigit(text[i]))
                return IdNumberOutcome.Characters;
            body = body * 10 + (text[i] - '0');
        }

        char check = text[BodyLength] == 'x' ? 'X' : text[BodyLength];
        if (!char.IsAsciiDigit(check) && check != 'X')
            return IdNumberOutcome.Characters;
        if (!RegionCode.IsPlausible((int)(body / 100_000_000_000)))
            return IdNumberOutcome.Region;
        if (!IsBirthDate((int)(body / 1_000 % 100_000_000), today))
            return IdNumberOutcome.BirthDate;
        if (check != CheckCharacter(body))
            return IdNumberOutcome.CheckDigit;

        number = new IdNumber(body);
        return IdNumberOutcome.Valid;
    }

    /// <summary>Makes a number of its parts; for synthetic residents and tests.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A part that <see cref="Parse"/> would refuse.</exception>
    public static IdNumber Create(int region, DateOnly birth, int sequence)
    {
        if (!RegionCode.IsPlausible(region))
            throw new ArgumentOutOfRangeException(nameof(region));
        ArgumentOutOfRangeException.ThrowIfLessThan(birth, EarliestBirth);
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence, 999);
        int date = birth.Year * 10_000 + birth.Month * 100 + birth.Day;
        return new IdNumber(((long)region * 100_000_000 + date) * 1_000 + sequence);
    }

    /// <summary>The MOD 11-2 check character of seventeen digits.</summary>
    /// <exception cref="ArgumentException">Not seventeen ASCII digits.</exception>
    public static char CheckCharacter(ReadOnlySpan<char> body)
    {
        if (body.Length != BodyLength || body.ContainsAnyExceptInRange('0', '9'))
            throw new ArgumentException("Seventeen digits are needed.", nameof(body));
        return CheckCharacter(long.Parse(body));
    }

    /// <summary>Writes the 18 characters, with an upper-case X.</summary>
    /// <exception cref="ArgumentException">The target is shorter than <see cref="Length"/>.</exception>
    public void CopyTo(Span<char> target)
    {
        if (target.Length < Length)
            throw new ArgumentException("Too short for an identification number.", nameof(target));
        target[BodyLength] = CheckCharacter(_body);
        long rest = _body;
        for (int i = BodyLength - 1; i >= 0; i--, rest /= 10)
            target[i] = (char)('0' + rest % 10);
    }

    /// <summary>The whole number. It identifies a person: never for a log.</summary>
    public string Reveal() => string.Create(Length, this, static (span, number) => number.CopyTo(span));

    /// <summary>The masked number: the province alone, fit for a message.</summary>
    public override string ToString() => _body == 0 ? "(none)" : $"{_body / 1_000_000_000_000_000}****************";

    public bool Equals(IdNumber other) => _body == other._body;

    public override bool Equals(object? obj) => obj is IdNumber other && Equals(other);

    public override int GetHashCode() => _body.GetHashCode();

    public static bool operator ==(IdNumber left, IdNumber right) => left.Equals(right);

    public static bool operator !=(IdNumber left, IdNumber right) => !left.Equals(right);

    private static bool IsBirthDate(int date, DateOnly today)
    {
        int year = date / 10_000, month = date / 100 % 100, day = date % 100;
        if (year < EarliestBirth.Year || year > today.Year || month is < 1 or > 12)
            return false;
        return day >= 1 && day <= DateTime.DaysInMonth(year, month) && new DateOnly(year, month, day) <= today;
    }

    // The weight of the digit at place i (counted from the right, the check character being place 0) is 2^i mod 11.
    private static char CheckCharacter(long body)
    {
        int sum = 0;
        for (int weight = 2; body != 0; body /= 10, weight = weight * 2 % 11)
            sum += (int)(body % 10) * weight;
        return CheckCharacters[sum % 11];
    }
}
