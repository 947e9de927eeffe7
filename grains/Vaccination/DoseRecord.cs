namespace Grid.Vaccination;

/// <summary>A dose as a clinic reports it.</summary>
/// <param name="RecordId">The clinic's id of the record: the idempotency key.</param>
/// <param name="Resident">Who got the dose.</param>
/// <param name="Product">The vaccine, 1 to 64 characters.</param>
/// <param name="Number">1 to 10.</param>
/// <param name="At">When it was given.</param>
/// <param name="Clinic">The organisation of the caller's token.</param>
[GenerateSerializer, Alias("grid.dose-record"), Immutable]
public sealed record DoseRecord(
    [property: Id(0)] string RecordId,
    [property: Id(1)] Guid Resident,
    [property: Id(2)] string Product,
    [property: Id(3)] int Number,
    [property: Id(4)] DateTimeOffset At,
    [property: Id(5)] string Clinic
);
