using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Requests;
using Grid.Gateway.Sampling;
using Grid.Gateway.Tokens;
using Grid.Vaccination;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Vaccination;

/// <summary>A dose: the resident by one of two fields, the product, the dose number, and the time.</summary>
public sealed record DoseRequest(
    string? RecordId,
    Guid? ResidentId,
    string? IdNumber,
    string? Product,
    int? Dose,
    DateTimeOffset? At
)
{
    /// <summary>Hides the person from logs.</summary>
    public override string ToString() => nameof(DoseRequest);
}

/// <summary>A recorded dose.</summary>
public sealed record DoseAnswer(string RecordId);

/// <summary>Doses that vaccination sites report.</summary>
internal static class VaccinationEndpoints
{
    private const int MaxProductLength = 64;
    private const int MaxDose = 10;

    // The first trials of these vaccines started in March 2020.
    private static readonly DateTimeOffset FirstDoseAt = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static void MapVaccination(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/v1/vaccinations", ReportAsync)
            .Allow(Roles.Clinic)
            .WithTags("Vaccination")
            .WithSummary("Record a dose.");

    private static async Task<Results<Created<DoseAnswer>, Ok<DoseAnswer>, Refusal>> ReportAsync(
        DoseRequest request,
        CheckedCaller caller,
        IGrainFactory grains,
        SampleSubjects subjects,
        TimeProvider time
    )
    {
        var recordId = Fields.Id(request.RecordId, "recordId");
        var at = Fields.Past(request.At, "at", time);
        if (at < FirstDoseAt)
            return new Refusal(ErrorCodes.TimeTooOld, "No dose was given before 2020.");
        var dose = new DoseRecord(
            recordId,
            subjects.Of(null, request.ResidentId, request.IdNumber),
            Fields.Text(request.Product, "product", MaxProductLength),
            Fields.Number(request.Dose, "dose", 1, MaxDose),
            at,
            caller.Organisation
        );
        return await grains.GetGrain<IDoseGrain>(recordId).Report(dose, caller.Subject) switch
        {
            DoseStatus.Accepted => TypedResults.Created((string?)null, new DoseAnswer(recordId)),
            DoseStatus.Replayed => TypedResults.Ok(new DoseAnswer(recordId)),
            DoseStatus.Conflict => new Refusal(ErrorCodes.RecordConflict),
            DoseStatus.ResidentUnknown => new Refusal(ErrorCodes.ResidentUnknown),
            _ => new Refusal(ErrorCodes.Internal),
        };
    }
}
