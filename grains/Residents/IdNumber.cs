namespace Grid.Residents;

/// <summary>
/// A citizen identification number (GB 11643-1999): six digits of address code, eight of birth date, three of
/// sequence, and a check character by ISO 7064 MOD 11-2. <see cref="Parse"/> returns only valid numbers.
/// </summary>
/// <remarks>
/// Personal data: <see cref="ToString"/> shows no digit, so no log line and no exception leaks the number by accident.
/// Only <see cref="Reveal"/> and <see cref="CopyTo"/> return it. The number of a foreign permanent resident (first
/// digit 9) has another form: <see cref="Parse"/> refuses it as <see cref="IdNumberOutcome.Region"/>.
/// </remarks>
[GenerateSerializer, Immutable, Alias("grid.id-number")]
public readonly record struct IdNumber
{
    /// <summary>Characters in a number.</summary>
    public const int Length = 18;

    private const int BodyLength = Length - 1;
    private const string CheckCharacters = "10X98765432";

    /// <summary>The earliest accepted birth date: the standard's example of a very old person is from 1880.</summary>
    public static readonly DateOnly EarliestBirth = new(1880, 1, 1);

    // The first seventeen digits as one number. The check character follows from them, and a copy costs eight bytes.
    [Id(0)]
    private readonly long _body;

    private IdNumber(long body) => _body = body;

    /// <summary>The six-digit address code: where the number was issued, not where the person lives.</summary>
    public int Region => (int)(_body / 100_000_000_000);

    public DateOnly BirthDate
    {
        get
        {
            int date = (int)(_body / 1_000 % 100_000_000);
            return new DateOnly(date / 10_000, date / 100 % 100, date % 100);
        }
    }

    /// <summary>Distinguishes people born on the same day in the same region, 0 to 999.</summary>
    public int Sequence => (int)(_body % 1_000);

    /// <summary>The sex that the sequence encodes.</summary>
    public Sex Sex => (Sequence & 1) == 1 ? Sex.Male : Sex.Female;

    /// <summary>Parses a number as a person types it, without blanks; a lower-case x counts as X.</summary>
    /// <param name="text">The 18 characters.</param>
    /// <param name="today">The civil day in China (<see cref="CivilDay"/>): a later birth date is refused.</param>
    /// <param name="number">The number if the outcome is <see cref="IdNumberOutcome.Valid"/>, else the default.</param>
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

    /// <summary>Makes a number from its parts, for synthetic residents and tests.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="Parse"/> would refuse a part.</exception>
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
    /// <exception cref="ArgumentException">The text is not seventeen ASCII digits.</exception>
    public static char CheckCharacter(ReadOnlySpan<char> body)
    {
        if (body.Length != BodyLength || body.ContainsAnyExceptInRange('0', '9'))
            throw new ArgumentException("The text must be seventeen digits.", nameof(body));
        return CheckCharacter(long.Parse(body));
    }

    /// <summary>Writes the 18 characters, with an upper-case X.</summary>
    /// <exception cref="ArgumentException">The target is shorter than <see cref="Length"/>.</exception>
    public void CopyTo(Span<char> target)
    {
        if (target.Length < Length)
            throw new ArgumentException($"The target must have {Length} characters.", nameof(target));
        target[BodyLength] = CheckCharacter(_body);
        long rest = _body;
        for (int i = BodyLength - 1; i >= 0; i--, rest /= 10)
            target[i] = (char)('0' + rest % 10);
    }

    /// <summary>The 18 characters. They identify a person: never log them.</summary>
    public string Reveal() => string.Create(Length, this, static (span, number) => number.CopyTo(span));

    /// <summary>Hides every digit, so that a log or an exception can contain it.</summary>
    public override string ToString() => nameof(IdNumber);

    private static bool IsBirthDate(int date, DateOnly today)
    {
        int year = date / 10_000,
            month = date / 100 % 100,
            day = date % 100;
        if (year < EarliestBirth.Year || year > today.Year || month is < 1 or > 12)
            return false;
        return day >= 1 && day <= DateTime.DaysInMonth(year, month) && new DateOnly(year, month, day) <= today;
    }

    // The digit at place i has the weight 2^i mod 11. Places count from the right; place 0 is the check character.
    private static char CheckCharacter(long body)
    {
        int sum = 0;
        for (int weight = 2; body != 0; body /= 10, weight = weight * 2 % 11)
            sum += (int)(body % 10) * weight;
        return CheckCharacters[sum % 11];
    }
}
