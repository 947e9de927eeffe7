namespace Grid.Vaccination;

/// <summary>A dose as a clinic reports it.</summary>
/// <param name="RecordId">The clinic's id of the record: the idempotency key.</param>
/// <param name="Resident">Who got it.</param>
/// <param name="Product">The vaccine, 1 to 64 characters.</param>
/// <param name="Number">1 to 10.</param>
/// <param name="At">When it was given.</param>
/// <param name="Clinic">Whose record it is: the organisation of the caller's token.</param>
[GenerateSerializer, Alias("grid.dose-record"), Immutable]
public sealed record DoseRecord(
    [property: Id(0)] string RecordId,
    [property: Id(1)] Guid Resident,
    [property: Id(2)] string Product,
    [property: Id(3)] int Number,
    [property: Id(4)] DateTimeOffset At,
    [property: Id(5)] string Clinic);

/// <summary>A dose as the resident keeps it.</summary>
[GenerateSerializer, Alias("grid.dose"), Immutable]
public readonly record struct Dose
{
    /// <summary><see cref="StableId.ShortOf"/> of the record id: it tells one resident's few doses apart.</summary>
    [Id(0)] public ulong Record { get; init; }

    /// <summary>When it was given, in milliseconds since 1970 UTC.</summary>
    [Id(1)] public long GivenUnixMs { get; init; }

    /// <summary>The vaccine; one string for the whole city.</summary>
    [Id(2)] public string Product { get; init => field = SharedText.Of(value); }

    /// <summary>1 to 10.</summary>
    [Id(3)] public byte Number { get; init; }

    /// <summary>When it was given.</summary>
    public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(GivenUnixMs);
}
