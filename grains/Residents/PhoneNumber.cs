namespace Grid.Residents;

/// <summary>
/// A mainland mobile number: eleven digits, first 1, then 3 to 9. A leading +86 is dropped, alone or followed by a
/// blank or a hyphen.
/// </summary>
/// <remarks>
/// Personal data: <see cref="ToString"/> shows no digit. Use <see cref="Masked"/> where a person must recognise the
/// phone, and <see cref="Reveal"/> to send to it.
/// </remarks>
[GenerateSerializer, Immutable, Alias("grid.phone-number")]
public readonly record struct PhoneNumber
{
    /// <summary>Digits in a number.</summary>
    public const int Length = 11;

    private const string CountryCode = "+86";

    [Id(0)]
    private readonly long _digits;

    private PhoneNumber(long digits) => _digits = digits;

    /// <summary>The number with its middle hidden, such as 138****5678.</summary>
    public string Masked => $"{_digits / 100_000_000}****{_digits % 10_000:0000}";

    /// <summary>Parses a number; false when it is not a mainland mobile number.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PhoneNumber number)
    {
        number = default;
        if (text.StartsWith(CountryCode))
        {
            text = text[CountryCode.Length..];
            if (text is [' ' or '-', ..])
                text = text[1..];
        }

        if (
            text is not ['1', >= '3' and <= '9', ..]
            || text.Length != Length
            || text.ContainsAnyExceptInRange('0', '9')
        )
            return false;
        number = new PhoneNumber(long.Parse(text));
        return true;
    }

    /// <summary>Parses a number that was validated before.</summary>
    /// <exception cref="FormatException">The text is not a mainland mobile number; the message hides it.</exception>
    public static PhoneNumber Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var number)
            ? number
            : throw new FormatException("The text is not a mainland mobile number.");

    /// <summary>Writes the eleven digits.</summary>
    /// <exception cref="ArgumentException">The target is shorter than <see cref="Length"/>.</exception>
    public void CopyTo(Span<char> target)
    {
        if (target.Length < Length)
            throw new ArgumentException($"The target must have {Length} characters.", nameof(target));
        long rest = _digits;
        for (int i = Length - 1; i >= 0; i--, rest /= 10)
            target[i] = (char)('0' + rest % 10);
    }

    /// <summary>The eleven digits. They identify a person: never log them.</summary>
    public string Reveal() => string.Create(Length, this, static (span, number) => number.CopyTo(span));

    /// <summary>Hides every digit, so that a log or an exception can contain it.</summary>
    public override string ToString() => nameof(PhoneNumber);
}
