using Grid.Results;

namespace Grid.Residents;

/// <summary>A sample of the resident and the result of its tube.</summary>
/// <param name="Tube">The key of the tube (<see cref="StableId.Of"/> of its id): 16 bytes instead of a string.</param>
/// <param name="Revision">The revision of the tube that this record reflects.</param>
/// <param name="CollectedUnixMs">When the sample was taken, in milliseconds since 1970 UTC.</param>
/// <param name="TestedUnixMs">When it was tested; 0 without a result.</param>
/// <param name="Result">The result; null while the sample waits.</param>
/// <param name="Withdrawn">
/// True when the sample was taken out of the tube. The record stays so that a late message of a lower revision can't
/// bring the sample back.
/// </param>
/// <param name="IsSingle">True when the tube held this sample alone.</param>
[GenerateSerializer, Alias("grid.test-record"), Immutable]
public readonly record struct TestRecord(
    [property: Id(0)] Guid Tube,
    [property: Id(1)] int Revision,
    [property: Id(2)] long CollectedUnixMs,
    [property: Id(3)] long TestedUnixMs,
    [property: Id(4)] TestResult? Result,
    [property: Id(5)] bool Withdrawn,
    [property: Id(6)] bool IsSingle
)
{
    /// <summary>A negative test of this person alone: one ends a hold, two end a positive by default.</summary>
    public bool IsNegativeSingle => IsSingle && !Withdrawn && Result == TestResult.Negative;

    public DateTimeOffset CollectedAt => DateTimeOffset.FromUnixTimeMilliseconds(CollectedUnixMs);

    /// <summary>When it was tested; null while the sample waits.</summary>
    public DateTimeOffset? TestedAt => Result is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(TestedUnixMs);
}
