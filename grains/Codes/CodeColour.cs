namespace Grid.Codes;

/// <summary>The colour of a code, from none to worst. Rows store the numbers: they never change.</summary>
public enum CodeColour : byte
{
    /// <summary>No code: the person is not registered, or a proof is missing.</summary>
    Grey = 0,

    /// <summary>No cause is active.</summary>
    Green = 1,

    /// <summary>At least one active cause is yellow, none is red.</summary>
    Yellow = 2,

    /// <summary>At least one active cause is red.</summary>
    Red = 3,
}
