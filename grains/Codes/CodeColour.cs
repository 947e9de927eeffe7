namespace Grid.Codes;

/// <summary>The colour of a code, from none to worst. The numbers are stored: they never change.</summary>
public enum CodeColour : byte
{
    /// <summary>No code can be given: the person is not registered, or a proof is missing.</summary>
    Grey = 0,

    /// <summary>No active cause.</summary>
    Green = 1,

    /// <summary>At least one active cause asks for caution, none is red.</summary>
    Yellow = 2,

    /// <summary>At least one active cause is red.</summary>
    Red = 3,
}
