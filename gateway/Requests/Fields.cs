using System.Buffers;
using System.Text;
using Grid.Gateway.Errors;
using Grid.Keys;
using Grid.Residents;
using Grid.Sampling;

namespace Grid.Gateway.Requests;

/// <summary>
/// Reads and validates fields of requests. An invalid field throws <see cref="RefusedException"/>, which names the
/// field and never its value.
/// </summary>
internal static class Fields
{
    /// <summary>The longest id that a caller may choose.</summary>
    internal const int MaxIdLength = 64;

    /// <summary>The longest name of a person, in visible characters (text elements).</summary>
    internal const int MaxPersonNameLength = 60;

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:~+"
    );

    private static readonly DateTimeOffset MinTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The rule of an id, for error details.</summary>
    internal static readonly string IdRule =
        $"must have 1 to {MaxIdLength} letters, digits and - _ . : ~ +, and not be . or ..";

    internal static Exception Missing(string field) =>
        new RefusedException(ErrorCodes.FieldMissing, $"The field '{field}' is required.");

    internal static Exception Invalid(string field, string rule) =>
        new RefusedException(ErrorCodes.FieldInvalid, $"The field '{field}' {rule}.");

    /// <summary>
    /// True for 1 to 64 letters, digits and <c>- _ . : ~ +</c>: no slash, so that an id fits in a path and a subject;
    /// not <c>.</c> or <c>..</c>, which a client removes from a path before it sends it.
    /// </summary>
    internal static bool IsId(ReadOnlySpan<char> value) =>
        value.Length is > 0 and <= MaxIdLength && !value.ContainsAnyExcept(IdCharacters) && value is not ("." or "..");

    /// <summary>An id that the caller chose.</summary>
    internal static string Id(string? value, string field)
    {
        if (string.IsNullOrEmpty(value))
            throw Missing(field);
        return IsId(value) ? value : throw Invalid(field, IdRule);
    }

    /// <summary>
    /// A text of 1 to <paramref name="maxLength"/> visible characters, see <see cref="VisibleText"/>.
    /// </summary>
    internal static string Text(string? value, string field, int maxLength)
    {
        if (VisibleText.Trim(value).IsEmpty)
            throw Missing(field);
        return VisibleText.Clean(value, maxLength)
            ?? throw Invalid(field, $"must have 1 to {maxLength} characters, all visible");
    }

    /// <summary>The name of a person.</summary>
    internal static string PersonName(string? value)
    {
        if (VisibleText.Trim(value).IsEmpty)
            throw Missing("name");
        var name = VisibleText.Clean(value, MaxPersonNameLength);
        // The vault's bound is in bytes; 60 ideographs of any plane fit.
        return name is not null && Encoding.UTF8.GetByteCount(name) <= ProfileVault.MaxTextBytes
            ? name
            : throw new RefusedException(
                ErrorCodes.NameInvalid,
                $"A name must have 1 to {MaxPersonNameLength} visible characters ({ProfileVault.MaxTextBytes} bytes)."
            );
    }

    internal static int Number(int? value, string field, int min, int max)
    {
        if (value is not { } number)
            throw Missing(field);
        return number >= min && number <= max ? number : throw Invalid(field, $"is {min} to {max}");
    }

    /// <summary>A moment in the past; a sender's clock may be up to ten minutes ahead.</summary>
    internal static DateTimeOffset Past(DateTimeOffset? value, string field, TimeProvider time)
    {
        if (value is not { } moment)
            throw Missing(field);
        return moment >= MinTime && moment <= time.GetUtcNow() + TubeRules.MaxClockSkew
            ? moment.ToUniversalTime()
            : throw Invalid(field, "must be a time in the past, 2000 or later");
    }

    internal static IdNumber IdNumber(string? value, TimeProvider time)
    {
        if (string.IsNullOrWhiteSpace(value))
            throw Missing("idNumber");
        return Grid.Residents.IdNumber.Parse(value.AsSpan().Trim(), CivilDay.Today(time), out var number) switch
        {
            IdNumberOutcome.Valid => number,
            var outcome => throw new RefusedException(
                ErrorCodes.IdNumberInvalid,
                outcome switch
                {
                    IdNumberOutcome.Length => "An identification number must have 18 characters.",
                    IdNumberOutcome.Characters => "An identification number must have 17 digits and a digit or X.",
                    IdNumberOutcome.Region => "The region of the identification number is unknown.",
                    IdNumberOutcome.BirthDate => "The birth date in the identification number is impossible.",
                    _ => "The check character of the identification number is wrong.",
                }
            ),
        };
    }

    internal static PhoneNumber Phone(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
            throw Missing("phone");
        return PhoneNumber.TryParse(value.AsSpan().Trim(), out var phone)
            ? phone
            : throw new RefusedException(
                ErrorCodes.PhoneInvalid,
                "A phone number must be a mainland mobile number of 11 digits, with or without +86."
            );
    }

    /// <summary>A district by its code, or by its Chinese or English name.</summary>
    internal static int District(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
            throw Missing("district");
        var text = value.Trim();
        var district = Districts.Find(text)
            ?? Districts.All.FirstOrDefault(each =>
                each.Chinese == text || each.English.Equals(text, StringComparison.OrdinalIgnoreCase)
            )
            ?? throw new RefusedException(
                ErrorCodes.DistrictUnknown,
                "A district must be given by its code, such as 610113, or by its name."
            );
        return int.Parse(district.Code, System.Globalization.CultureInfo.InvariantCulture);
    }
}
