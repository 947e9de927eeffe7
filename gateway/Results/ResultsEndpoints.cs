using Grid.Gateway.Access;
using Grid.Gateway.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Requests;
using Grid.Gateway.Tokens;
using Grid.Results;
using Grid.Sampling;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Results;

/// <summary>A result of a tube. Tube and sequence identify it; the laboratory is the caller.</summary>
public sealed record ResultRequest(
    string? TubeId,
    int? Sequence,
    string? Method,
    string? Result,
    DateTimeOffset? TestedAt,
    int? CorrectionOf
);

/// <summary>The receipt of a result: <c>applied</c>, or <c>held</c> until the tube arrives.</summary>
public sealed record ReceiptAnswer(Guid ReceiptId, string State);

/// <summary>Results that laboratories report.</summary>
internal static class ResultsEndpoints
{
    private const int MaxSequence = 1_000_000;
    private const int MaxMethodLength = 64;

    internal static void MapResults(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/v1/results", ReportAsync)
            .Allow(Roles.Lab)
            .WithTags("Results")
            .WithSummary(
                "Report a result of the caller's laboratory. Answers after every member of the tube has the result, "
                    + "or after it is held durably."
            );

    private static async Task<Results<Accepted<ReceiptAnswer>, Ok<ReceiptAnswer>, Refusal>> ReportAsync(
        ResultRequest request,
        CheckedCaller caller,
        IGrainFactory grains,
        TimeProvider time
    )
    {
        var tubeId = Fields.Id(request.TubeId, "tubeId");
        var receipt = await grains.GetGrain<ITubeGrain>(tubeId).Report(Read(request, time), caller.Subject);
        var answer = new ReceiptAnswer(receipt.ReceiptId, receipt.Applied ? "applied" : "held");
        return receipt.Status switch
        {
            ResultStatus.Accepted => TypedResults.Accepted((string?)null, answer),
            ResultStatus.Replayed => TypedResults.Ok(answer),
            ResultStatus.Conflict => new Refusal(ErrorCodes.ResultConflict),
            ResultStatus.TooMany => new Refusal(ErrorCodes.ResultsTooMany),
            ResultStatus.CorrectionInvalid => new Refusal(ErrorCodes.CorrectionInvalid),
            ResultStatus.TestedBeforeCollected => new Refusal(ErrorCodes.TestedBeforeCollected),
            ResultStatus.TooOld => new Refusal(ErrorCodes.TimeTooOld),
            ResultStatus.HeldTooMany => new Refusal(ErrorCodes.HeldTooMany),
            _ => new Refusal(ErrorCodes.Internal),
        };
    }

    /// <summary>Validates a report of the calling laboratory.</summary>
    internal static LabResult Read(ResultRequest request, TimeProvider time)
    {
        var sequence = Fields.Number(request.Sequence, "sequence", 1, MaxSequence);
        var method = Fields.Text(request.Method, "method", MaxMethodLength);
        if (string.IsNullOrEmpty(request.Result))
            throw Fields.Missing("result");
        if (!CodeNames.TryParse(request.Result, out TestResult result))
            throw Fields.Invalid("result", "must be negative, positive, inconclusive or invalid");
        var testedAt = Fields.Past(request.TestedAt, "testedAt", time);
        int? correctionOf = request.CorrectionOf is null
            ? null
            : Fields.Number(request.CorrectionOf, "correctionOf", 1, MaxSequence);
        return new LabResult(sequence, method, result, testedAt, correctionOf);
    }
}
