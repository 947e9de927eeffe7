namespace Grid.Vaccination;

/// <summary>What became of a vaccination record.</summary>
public enum DoseStatus : byte
{
    /// <summary>Taken in now.</summary>
    Accepted = 1,

    /// <summary>The same record again.</summary>
    Replayed = 2,

    /// <summary>Another content under the same record id: nothing changed.</summary>
    Conflict = 3,

    /// <summary>Nobody is registered under that key.</summary>
    ResidentUnknown = 4,
}

/// <summary>One vaccination record, named by the clinic's record id, whichever resident it is for.</summary>
public interface IDoseGrain : IResumable
{
    /// <summary>Takes the record in and gives it to its resident; answers after both are durable.</summary>
    /// <param name="dose">The record.</param>
    /// <param name="by">Who reports it: the subject of the caller's token.</param>
    Task<DoseStatus> Report(DoseRecord dose, string by);
}
