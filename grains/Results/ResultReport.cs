namespace Grid.Results;

/// <summary>A laboratory's result as the tube's state stores it.</summary>
/// <param name="TubeId">The tube.</param>
/// <param name="Sequence">1, 2, … within the tube.</param>
/// <param name="LabId">The laboratory: the organisation of the caller's token.</param>
/// <param name="Method">The test method, such as <c>rt-pcr</c>.</param>
/// <param name="Result">What the laboratory found.</param>
/// <param name="TestedAt">When it tested the tube.</param>
/// <param name="CorrectionOf">The lower sequence of the same tube that this result replaces; or null.</param>
[GenerateSerializer, Alias("grid.result-report"), Immutable]
public sealed record ResultReport(
    [property: Id(0)] string TubeId,
    [property: Id(1)] int Sequence,
    [property: Id(2)] string LabId,
    [property: Id(3)] string Method,
    [property: Id(4)] TestResult Result,
    [property: Id(5)] DateTimeOffset TestedAt,
    [property: Id(6)] int? CorrectionOf
);
