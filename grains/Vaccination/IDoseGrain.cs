namespace Grid.Vaccination;

/// <summary>One vaccination record. The key is the clinic's record id, independent of the resident.</summary>
public interface IDoseGrain : IResumable
{
    /// <summary>Stores the record and gives it to its resident; answers when both are durable.</summary>
    /// <param name="dose">The record.</param>
    /// <param name="by">The subject of the caller's token.</param>
    Task<DoseStatus> Report(DoseRecord dose, string by);
}
