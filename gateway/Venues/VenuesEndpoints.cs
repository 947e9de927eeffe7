using System.Text.Json.Serialization;
using Grid.Codes;
using Grid.Gateway.Access;
using Grid.Gateway.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Json;
using Grid.Gateway.Requests;
using Grid.Gateway.Tokens;
using Grid.Venues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Venues;

/// <summary>A venue and its admission policy.</summary>
public sealed record VenueRequest(
    string? Name,
    [property: JsonConverter(typeof(TextOrNumberConverter))] string? District,
    PolicyShape? Policy
);

/// <summary>A venue's admission policy.</summary>
/// <param name="MaxTestAgeHours">The oldest negative test that admits, 1 to 8,760 hours; null requires none.</param>
/// <param name="MinDoses">Required doses, 0 to 10; null is 0.</param>
/// <param name="AdmitColours">The colours that admit; null is green alone.</param>
public sealed record PolicyShape(int? MaxTestAgeHours, int? MinDoses, string[]? AdmitColours);

/// <summary>A registered venue.</summary>
public sealed record VenueAnswer(string VenueId, string Name, string? District, PolicyShape Policy);

/// <summary>Venues.</summary>
internal static class VenuesEndpoints
{
    private const int MaxNameLength = 128;
    private const int MaxTestAgeHours = 8760;
    private const int MaxDoses = 10;

    internal static IServiceCollection AddVenues(this IServiceCollection services) =>
        services.AddSingleton<VenueBook>();

    internal static void MapVenues(this IEndpointRouteBuilder routes) =>
        routes
            .MapPut("/v1/venues/{venueId}", PutAsync)
            .Allow(Roles.Admin)
            .WithTags("Venues")
            .WithSummary("Register a venue, or replace its name, district and policy.");

    internal static async Task<Results<Ok<VenueAnswer>, Refusal>> PutAsync(
        string venueId,
        VenueRequest request,
        CheckedCaller caller,
        VenueBook venues
    )
    {
        Fields.Id(venueId, "venueId");
        var name = Fields.Text(request.Name, "name", MaxNameLength);
        var district = string.IsNullOrEmpty(request.District) ? 0 : Fields.District(request.District);
        var policy = Policy(request.Policy ?? throw Fields.Missing("policy"));
        await venues.PutAsync(venueId, new Venue(name, district, policy), caller.Subject);
        return TypedResults.Ok(new VenueAnswer(venueId, name, district == 0 ? null : $"{district}", Shape(policy)));
    }

    private static VenuePolicy Policy(PolicyShape shape)
    {
        int? hours = shape.MaxTestAgeHours is null
            ? null
            : Fields.Number(shape.MaxTestAgeHours, "policy.maxTestAgeHours", 1, MaxTestAgeHours);
        var doses = Fields.Number(shape.MinDoses ?? 0, "policy.minDoses", 0, MaxDoses);
        var colours = 0;
        foreach (var name in shape.AdmitColours ?? [CodeNames.Of(CodeColour.Green)])
        {
            if (!CodeNames.TryParse(name, out CodeColour colour))
                throw Fields.Invalid("policy.admitColours", "must list green, yellow, red or grey");
            colours |= 1 << (int)colour;
        }
        return new VenuePolicy(hours, doses, colours);
    }

    private static PolicyShape Shape(VenuePolicy policy) =>
        new(
            policy.MaxTestAgeHours,
            policy.MinDoses,
            [.. Enum.GetValues<CodeColour>().Where(policy.Admits).Select(CodeNames.Of)]
        );
}
