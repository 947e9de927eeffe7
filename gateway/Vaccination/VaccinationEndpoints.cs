using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Http;
using Grid.Gateway.Sampling;
using Grid.Gateway.Tokens;
using Grid.Vaccination;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Vaccination;

/// <summary>A dose: whose, by one of the two, which product, the how-manieth, and when.</summary>
public sealed record DoseRequest(string? RecordId, Guid? ResidentId, string? IdNumber, string? Product, int? Dose, DateTimeOffset? At)
{
    /// <summary>Says nothing of the person.</summary>
    public override string ToString() => nameof(DoseRequest);
}

/// <summary>A dose that is recorded.</summary>
public sealed record DoseAnswer(string RecordId);

/// <summary>Doses of vaccination sites.</summary>
internal static class VaccinationEndpoints
{
    private const int ProductLengthMax = 64;
    private const int DoseMax = 10;

    internal static void MapVaccination(this IEndpointRouteBuilder routes)
        => routes.MapPost("/v1/vaccinations", Report).Allow(Roles.Clinic).WithTags("Vaccination")
            .WithSummary("Record a dose.");

    private static async Task<Results<Created<DoseAnswer>, Ok<DoseAnswer>, Refusal>> Report(
        DoseRequest request, IGrainFactory grains, SampleSubjects subjects, TimeProvider time)
    {
        var recordId = Fields.Id(request.RecordId, "recordId");
        var dose = new DoseRecord(
            recordId,
            subjects.Of(null, request.ResidentId, request.IdNumber),
            Fields.Text(request.Product, "product", ProductLengthMax),
            Fields.Number(request.Dose, "dose", 1, DoseMax),
            Fields.Past(request.At, "at", time));
        return await grains.GetGrain<IDoseGrain>(recordId).Report(dose) switch
        {
            DoseStatus.Accepted => TypedResults.Created((string?)null, new DoseAnswer(recordId)),
            DoseStatus.Replayed => TypedResults.Ok(new DoseAnswer(recordId)),
            DoseStatus.Conflict => new Refusal(ErrorCodes.RecordConflict),
            DoseStatus.ResidentUnknown => new Refusal(ErrorCodes.ResidentUnknown),
            _ => new Refusal(ErrorCodes.Internal),
        };
    }
}
