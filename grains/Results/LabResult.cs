namespace Grid.Results;

/// <summary>
/// A laboratory's result for one tube, as a call reports it. The tube's key names the tube, and the caller's subject
/// names the laboratory.
/// </summary>
/// <param name="Sequence">1, 2, … within the tube; tube and sequence are the idempotency key.</param>
/// <param name="Method">The test method, such as <c>rt-pcr</c>.</param>
/// <param name="Result">What the laboratory found.</param>
/// <param name="TestedAt">When it tested the tube.</param>
/// <param name="CorrectionOf">The lower sequence of the same tube that this result replaces; or null.</param>
[GenerateSerializer, Immutable]
public sealed record LabResult(
    [property: Id(0)] int Sequence,
    [property: Id(1)] string Method,
    [property: Id(2)] TestResult Result,
    [property: Id(3)] DateTimeOffset TestedAt,
    [property: Id(4)] int? CorrectionOf
)
{
    /// <summary>The result as a tube stores it.</summary>
    public ResultReport ReportOf(string tubeId, string labId) =>
        new(tubeId, Sequence, labId, Method, Result, TestedAt, CorrectionOf);
}
