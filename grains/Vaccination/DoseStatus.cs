namespace Grid.Vaccination;

/// <summary>The outcome of a vaccination record.</summary>
public enum DoseStatus : byte
{
    /// <summary>The resident has the dose now.</summary>
    Accepted = 1,

    /// <summary>The same record was reported before.</summary>
    Replayed = 2,

    /// <summary>The record id has another content; nothing changed.</summary>
    Conflict = 3,

    /// <summary>No resident is registered under that key.</summary>
    ResidentUnknown = 4,
}
