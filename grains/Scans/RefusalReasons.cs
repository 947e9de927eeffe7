namespace Grid.Scans;

/// <summary>Why a person was not admitted. Rows store the numbers: they never change.</summary>
[Flags]
public enum RefusalReasons : byte
{
    /// <summary>The person was admitted.</summary>
    None = 0,

    /// <summary>The venue does not admit this colour.</summary>
    Colour = 1,

    /// <summary>The newest negative test is older than the venue allows.</summary>
    TestTooOld = 2,

    /// <summary>The person has no negative test.</summary>
    TestMissing = 4,

    /// <summary>The person has fewer doses than the venue asks for.</summary>
    Doses = 8,

    /// <summary>The displayed code has expired.</summary>
    TokenExpired = 16,

    /// <summary>The scanned text is not a code of this grid.</summary>
    TokenInvalid = 32,
}
