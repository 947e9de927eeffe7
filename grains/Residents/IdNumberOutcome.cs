namespace Grid.Residents;

/// <summary>What <see cref="IdNumber.Parse"/> found: the first error from left to right.</summary>
public enum IdNumberOutcome : byte
{
    /// <summary>The number is well-formed. That does not show that it was ever issued.</summary>
    Valid,

    /// <summary>
    /// The text has not 18 characters. The 15-digit numbers from before 1999 are void since 2013 and refused too.
    /// </summary>
    Length,

    /// <summary>A character is not an ASCII digit. Only the last one may be X or x.</summary>
    Characters,

    /// <summary>The Ministry never issued this address code; see <see cref="RegionCode"/>.</summary>
    Region,

    /// <summary>The day does not exist, is in the future, or is before <see cref="IdNumber.EarliestBirth"/>.</summary>
    BirthDate,

    /// <summary>The last character is not the MOD 11-2 check character of the other seventeen.</summary>
    CheckDigit,
}
