using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Requests;
using Grid.Gateway.Tokens;
using Grid.Residents;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Grid.Gateway.Codes;

/// <summary>A test in the history.</summary>
public sealed record HistoryTest(string? Result, DateTimeOffset CollectedAt, DateTimeOffset? TestedAt);

/// <summary>A dose in the history.</summary>
public sealed record HistoryDose(string Product, int Dose, DateTimeOffset At);

/// <summary>A cause in the history: its kind, its period, and the parties that made and ended it.</summary>
public sealed record HistoryCause(
    Guid CauseId,
    string Kind,
    string Colour,
    string Issuer,
    string? Ground,
    DateTimeOffset Since,
    DateTimeOffset? Until,
    ReleaseShape Release,
    ContestShape Contest,
    string Source,
    int RuleVersion,
    DateTimeOffset? EndedAt,
    string? EndedBy
);

/// <summary>A look-up of the resident by a member of staff.</summary>
public sealed record HistoryLookup(DateTimeOffset At, string By, string Reason);

/// <summary>All that the grid stores about a resident, newest first.</summary>
public sealed record HistoryAnswer(
    IReadOnlyList<HistoryTest> Results,
    IReadOnlyList<HistoryDose> Vaccinations,
    IReadOnlyList<HistoryCause> Causes,
    IReadOnlyList<HistoryLookup> Lookups
);

/// <summary>The display, for the OpenAPI document; <see cref="DisplayHandler"/> writes it without this type.</summary>
public sealed record DisplayShape(
    Guid ResidentId,
    string Name,
    string Colour,
    DateTimeOffset AsOf,
    DateTimeOffset ValidUntil,
    int RefreshAfterSeconds,
    string? Token,
    TestShape Test,
    VaccinationShape Vaccination,
    IReadOnlyList<CauseShape> Causes
);

/// <summary>The newest test.</summary>
public sealed record TestShape(string? Result, DateTimeOffset? CollectedAt, int? AgeHours, string State);

/// <summary>The doses.</summary>
public sealed record VaccinationShape(int Doses, DateTimeOffset? LastAt);

/// <summary>An active cause.</summary>
public sealed record CauseShape(
    Guid CauseId,
    string Kind,
    string Colour,
    string Issuer,
    string? Ground,
    DateTimeOffset Since,
    DateTimeOffset? Until,
    ReleaseShape Release,
    ContestShape Contest
);

/// <summary>
/// The event that ends a cause (<c>single-retest</c>, <c>two-negatives</c>, <c>expiry</c> or <c>decision</c>), and its
/// expected time.
/// </summary>
public sealed record ReleaseShape(string How, DateTimeOffset? ExpectedBy);

/// <summary>How a resident can contest a cause; <c>none</c> until a procedure exists.</summary>
public sealed record ContestShape(string How, bool Appealable);

/// <summary>A resident's own code and history.</summary>
internal static class CodesEndpoints
{
    internal const string DisplayPath = "/v1/me/code";

    private static readonly ContestShape NotContestable = new("none", false);

    // The handler reads these itself, so OpenAPI cannot infer them.
    private static readonly OpenApiParameter[] DisplayParameters =
    [
        Parameter("for", ParameterLocation.Query, "The resident id of a dependent; by default the caller's own code."),
        Parameter("If-None-Match", ParameterLocation.Header, "The ETag of the display that the phone holds."),
    ];

    internal static IServiceCollection AddCodes(this IServiceCollection services)
    {
        services.AddSingleton<DisplayTokens>();
        return services.AddSingleton<DisplayHandler>();
    }

    internal static void MapCodes(this IEndpointRouteBuilder routes)
    {
        // Resolve the handler once: a handler parameter would create a service scope for each display.
        var handler = routes.ServiceProvider.GetRequiredService<DisplayHandler>();
        routes
            .MapGet(
                DisplayPath,
                (Delegate)((HttpContext context) => handler.HandleAsync(context, context.CheckedCaller()))
            )
            .AllowHot(Roles.Resident)
            .CallsOneGrain()
            .WithTags("Codes")
            .Produces<DisplayShape>()
            .Produces(StatusCodes.Status304NotModified)
            .WithSummary("The code to show, with the text of its QR symbol.")
            .AddOpenApiOperationTransformer(
                (operation, _, _) =>
                {
                    operation.Parameters = [.. operation.Parameters ?? [], .. DisplayParameters];
                    return Task.CompletedTask;
                }
            );
        routes
            .MapGet("/v1/me/history", HistoryAsync)
            .Allow(Roles.Resident)
            .WithTags("Codes")
            .WithSummary("Results, vaccinations, causes with issuer and reason, and look-ups by staff.");
    }

    private static OpenApiParameter Parameter(string name, ParameterLocation place, string description) =>
        new()
        {
            Name = name,
            In = place,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        };

    private static async Task<Results<Ok<HistoryAnswer>, Refusal>> HistoryAsync(
        CheckedCaller caller,
        HttpContext context,
        IGrainFactory grains
    )
    {
        var grain = grains.GetGrain<IResidentGrain>(caller.ResidentId);
        if (!(await grain.Show()).Registered)
            return new Refusal(ErrorCodes.ResidentUnknown);
        var history = await grain.History();
        context.Response.Headers.CacheControl = "private, no-store";
        return TypedResults.Ok(
            new HistoryAnswer(
                [
                    .. history.Tests.Select(test => new HistoryTest(
                        test.Result is { } result ? CodeNames.Of(result) : null,
                        test.CollectedAt,
                        test.TestedAt
                    )),
                ],
                [.. history.Doses.Select(dose => new HistoryDose(dose.Product, dose.Number, dose.At))],
                [
                    .. history.Causes.Select(cause => Cause(cause, null, null)),
                    .. history.Ended.Select(ended => Cause(ended.Cause, ended.EndedAt, ended.EndedBy)),
                ],
                []
            )
        );
    }

    private static HistoryCause Cause(Grid.Codes.Cause cause, DateTimeOffset? endedAt, string? endedBy) =>
        new(
            cause.CauseId,
            CodeNames.Of(cause.Kind),
            CodeNames.Of(cause.Colour),
            cause.Issuer,
            Ground: null,
            cause.Since,
            cause.Until,
            new ReleaseShape(CodeNames.ReleaseOf(cause), cause.ReleaseExpectedBy ?? cause.Until),
            NotContestable,
            cause.Source,
            cause.RuleVersion,
            endedAt,
            endedBy
        );
}
