using System.Text.Json.Serialization;
using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Http;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Residents;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Residents;

/// <summary>What a person registers with.</summary>
public sealed record RegisterRequest(
    string? IdNumber,
    string? Name,
    string? Phone,
    [property: JsonConverter(typeof(TextOrNumberConverter))] string? District)
{
    /// <summary>Says nothing of the person.</summary>
    public override string ToString() => nameof(RegisterRequest);
}

/// <summary>The answer to a registration.</summary>
public sealed record RegisterAnswer(Guid ResidentId);

/// <summary>Registration, one at a time and by the million.</summary>
internal static class ResidentsEndpoints
{
    internal static void MapResidents(this IEndpointRouteBuilder routes, GatewayOptions options)
    {
        var residents = routes.MapGroup("/v1/residents").WithTags("Residents");
        residents.MapPost("/", Register).AllowAnonymousOr(Roles.Operator)
            .WithSummary("Register a resident; the same id number again gives the same resident.");
        residents.MapPost("/import", Import).Allow(Roles.Operator).Streams(options)
            .WithSummary("Register residents from a stream of lines.");
    }

    internal static async Task<Results<Created<RegisterAnswer>, Ok<RegisterAnswer>, Refusal>> Register(
        RegisterRequest request, IGrainFactory grains, ResidentKeys keys, TimeProvider time)
    {
        var registration = Read(request, time);
        var residentId = keys.Of(registration.IdNumber);
        return await grains.GetGrain<IResidentGrain>(residentId).Register(registration)
            ? TypedResults.Created($"/v1/residents/{residentId}", new RegisterAnswer(residentId))
            : TypedResults.Ok(new RegisterAnswer(residentId));
    }

    internal static async Task<Results<Ok<ImportAnswer>, Refusal>> Import(
        HttpContext context, Imports imports, IGrainFactory grains, ResidentKeys keys, TimeProvider time)
    {
        var file = new RegistryFile(Imports.CsvOf(context));
        try
        {
            return TypedResults.Ok(await imports.RunAsync(context, Parse, Take, file.IsCsv));
        }
        catch (RegistryFileException heading)
        {
            return new Refusal(ErrorCodes.HeadingInvalid, heading.Message);
        }

        Registration? Parse(ReadOnlyMemory<byte> line) => file.Read(line) is { } request ? Read(request, time) : null;

        ValueTask<LineOutcome> Take(Registration? registration)
            => registration is null ? new(LineOutcome.Heading) : RegisterAsync(registration, grains, keys);
    }

    /// <summary>One line of an import, wherever it comes from.</summary>
    internal static async ValueTask<LineOutcome> RegisterAsync(Registration registration, IGrainFactory grains, ResidentKeys keys)
        => await grains.GetGrain<IResidentGrain>(keys.Of(registration.IdNumber)).Register(registration)
            ? LineOutcome.Accepted
            : LineOutcome.Duplicate;

    /// <summary>Validates and normalises; used by every way in which residents come.</summary>
    internal static Registration Read(RegisterRequest request, TimeProvider time)
    {
        var idNumber = Fields.IdNumber(request.IdNumber, time);
        var phone = Fields.Phone(request.Phone);
        return new Registration(idNumber.Reveal(), Fields.PersonName(request.Name), phone.Reveal(), Fields.District(request.District));
    }
}
