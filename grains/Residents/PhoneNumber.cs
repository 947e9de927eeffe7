namespace Grid.Residents;

/// <summary>
/// A mainland mobile number: eleven digits, 1 then 3 to 9. Its one form is the eleven digits; a leading +86, alone or
/// with a blank or hyphen behind it, is taken off.
/// </summary>
/// <remarks>Personal data: <see cref="ToString"/> is masked, <see cref="Reveal"/> is not.</remarks>
public readonly struct PhoneNumber : IEquatable<PhoneNumber>
{
    /// <summary>Digits in a number.</summary>
    public const int Length = 11;

    private const string CountryCode = "+86";
    private readonly long _digits;

    private PhoneNumber(long digits) => _digits = digits;

    /// <summary>Reads a number; false when it is not a mainland mobile number.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PhoneNumber number)
    {
        number = default;
        if (text.StartsWith(CountryCode))
        {
            text = text[CountryCode.Length..];
            if (text is [' ' or '-', ..])
                text = text[1..];
        }

        if (text is not ['1', >= '3' and <= '9', ..] || text.Length != Length || text.ContainsAnyExceptInRange('0', '9'))
            return false;
        number = new PhoneNumber(long.Parse(text));
        return true;
    }

    /// <summary>Writes the eleven digits.</summary>
    /// <exception cref="ArgumentException">The target is shorter than <see cref="Length"/>.</exception>
    public void CopyTo(Span<char> target)
    {
        if (target.Length < Length)
            throw new ArgumentException("Too short for a phone number.", nameof(target));
        long rest = _digits;
        for (int i = Length - 1; i >= 0; i--, rest /= 10)
            target[i] = (char)('0' + rest % 10);
    }

    /// <summary>The whole number. It leads to a person: never for a log.</summary>
    public string Reveal() => string.Create(Length, this, static (span, number) => number.CopyTo(span));

    /// <summary>The masked number, as 138****5678.</summary>
    public override string ToString() => _digits == 0 ? "(none)" : $"{_digits / 100_000_000}****{_digits % 10_000:0000}";

    public bool Equals(PhoneNumber other) => _digits == other._digits;

    public override bool Equals(object? obj) => obj is PhoneNumber other && Equals(other);

    public override int GetHashCode() => _digits.GetHashCode();

    public static bool operator ==(PhoneNumber left, PhoneNumber right) => left.Equals(right);

    public static bool operator !=(PhoneNumber left, PhoneNumber right) => !left.Equals(right);
}
