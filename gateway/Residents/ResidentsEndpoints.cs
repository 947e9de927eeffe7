using System.Text.Json.Serialization;
using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Imports;
using Grid.Gateway.Json;
using Grid.Gateway.Requests;
using Grid.Gateway.Security;
using Grid.Gateway.Sessions;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Residents;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Residents;

/// <summary>An identity document.</summary>
public sealed record DocumentShape(string? Type, string? Number, string? Nationality)
{
    /// <summary>Hides the person from logs.</summary>
    public override string ToString() => nameof(DocumentShape);
}

/// <summary>A registration: an identity number, or a document that contains one.</summary>
public sealed record RegisterRequest(
    string? IdNumber,
    string? Name,
    string? Phone,
    [property: JsonConverter(typeof(TextOrNumberConverter))] string? District,
    DocumentShape? Document = null
)
{
    /// <summary>Hides the person from logs.</summary>
    public override string ToString() => nameof(RegisterRequest);
}

/// <summary>The answer to a registration.</summary>
public sealed record RegisterAnswer(Guid ResidentId);

/// <summary>An operator's change of a profile: the given fields, and the reason.</summary>
public sealed record ChangeRequest(
    string? Phone,
    string? Name,
    [property: JsonConverter(typeof(TextOrNumberConverter))] string? District,
    string? Reason
)
{
    /// <summary>Hides the person from logs.</summary>
    public override string ToString() => nameof(ChangeRequest);
}

/// <summary>The fields of the profile that changed.</summary>
public sealed record ChangeAnswer(Guid ResidentId, IReadOnlyList<string> Changed);

/// <summary>Residents: registered, imported and corrected by operators.</summary>
internal static class ResidentsEndpoints
{
    private const int MaxReasonLength = 200;

    /// <summary>The document type whose number is the identity number.</summary>
    private const string IdentityCard = "resident-id";

    /// <summary>Adds the reader of residents that other features use.</summary>
    internal static IServiceCollection AddResidents(this IServiceCollection services) =>
        services.AddSingleton(static provider => new ResidentReader(
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetService<ResidentViews>()
        ));

    internal static void MapResidents(this IEndpointRouteBuilder routes)
    {
        var options = routes.ServiceProvider.GetRequiredService<IOptions<GatewayOptions>>().Value;
        var residents = routes.MapGroup("/v1/residents").WithTags("Residents");
        residents
            .MapPost("/", RegisterAsync)
            .Allow(Roles.Operator)
            .WithSummary("Register a resident. A repeat returns the same resident; other particulars are a conflict.");
        residents
            .MapPatch("/{residentId:guid}", ChangeAsync)
            .Allow(Roles.Operator)
            .WithSummary("Correct a phone, a name or a district, with a reason. The former phone gets a notice.");
        residents
            .MapPost("/import", ImportAsync)
            .Allow(Roles.Operator)
            .Streams(options)
            .WithSummary("Register residents from a stream of lines: NDJSON, or CSV with a heading.");
        residents
            .MapGet("/import/{importId:guid}", ImportStreams.FindAsync)
            .Allow(Roles.Operator)
            .WithSummary("The refused lines of one of the caller's latest imports.");
    }

    internal static async Task<Results<Created<RegisterAnswer>, Ok<RegisterAnswer>, Refusal>> RegisterAsync(
        RegisterRequest request,
        IGrainFactory grains,
        ResidentKeys keys,
        TimeProvider time
    )
    {
        var registration = Read(request, time);
        var residentId = keys.Of(registration.IdNumber);
        var answer = await grains.GetGrain<IResidentGrain>(residentId).Register(registration);
        if (answer.Created)
            return TypedResults.Created((string?)null, new RegisterAnswer(residentId));
        return answer.Differs == ProfileFields.None
            ? TypedResults.Ok(new RegisterAnswer(residentId))
            : Exists(residentId, answer.Differs);
    }

    internal static async Task<Results<Ok<ChangeAnswer>, Refusal>> ChangeAsync(
        Guid residentId,
        ChangeRequest request,
        CheckedCaller caller,
        IGrainFactory grains,
        Messages messages,
        SecurityEvents events,
        TimeProvider time
    )
    {
        if (request is { Phone: null, Name: null, District: null })
            throw Fields.Missing("phone");
        var change = new ProfileChange(
            request.Name is null ? null : Fields.PersonName(request.Name),
            request.Phone is null ? null : Fields.Phone(request.Phone),
            request.District is null ? null : Fields.District(request.District),
            caller.Subject,
            Fields.Text(request.Reason, "reason", MaxReasonLength)
        );
        var answer = await grains.GetGrain<IResidentGrain>(residentId).Change(change);
        if (!answer.Registered)
            return new Refusal(ErrorCodes.ResidentUnknown);
        if (answer.Changed != ProfileFields.None)
            events.Count(SecurityEvent.ProfileChanged);
        TellFormerPhone(messages, residentId, answer, time);
        return TypedResults.Ok(new ChangeAnswer(residentId, NamesOf(answer.Changed)));
    }

    /// <summary>Notifies the former phone of a changed profile, whatever caller changed it.</summary>
    internal static void TellFormerPhone(Messages messages, Guid residentId, ProfileAnswer answer, TimeProvider time)
    {
        if (answer.FormerPhone is { } former)
            messages.Behind(() =>
                messages.SendAsync(new Notice(NoticeKind.PhoneChanged, residentId, former, time.GetUtcNow()))
            );
    }

    internal static async Task<Results<Ok<ImportAnswer>, Refusal>> ImportAsync(
        HttpContext context,
        ImportStreams imports,
        IGrainFactory grains,
        ResidentKeys keys,
        TimeProvider time
    )
    {
        var file = new RegistryFile(ImportStreams.CsvOf(context));
        try
        {
            return TypedResults.Ok(await imports.RunAsync(context, Parse, Take, file.IsCsv));
        }
        catch (RegistryFileException heading)
        {
            return new Refusal(ErrorCodes.HeadingInvalid, heading.Message);
        }

        Registration? Parse(ReadOnlyMemory<byte> line) => file.Read(line) is { } request ? Read(request, time) : null;

        ValueTask<LineOutcome> Take(Registration? registration) =>
            registration is null ? new(LineOutcome.Heading) : RegisterLineAsync(registration, grains, keys);
    }

    /// <summary>Registers one line of an import from HTTP or from a file.</summary>
    internal static async ValueTask<LineOutcome> RegisterLineAsync(
        Registration registration,
        IGrainFactory grains,
        ResidentKeys keys
    )
    {
        var answer = await grains.GetGrain<IResidentGrain>(keys.Of(registration.IdNumber)).Register(registration);
        if (answer.Differs != ProfileFields.None)
            throw new ConflictException(
                ErrorCodes.ResidentExists,
                $"Already registered with another {string.Join(", ", NamesOf(answer.Differs))}."
            );
        return answer.Created ? LineOutcome.Accepted : LineOutcome.Duplicate;
    }

    /// <summary>Validates and normalises a registration. Every form of registration uses it.</summary>
    internal static Registration Read(RegisterRequest request, TimeProvider time)
    {
        var idNumber = Fields.IdNumber(request.Document is null ? request.IdNumber : NumberOf(request), time);
        var phone = Fields.Phone(request.Phone);
        return new Registration(idNumber, Fields.PersonName(request.Name), phone, Fields.District(request.District));
    }

    private static string? NumberOf(RegisterRequest request)
    {
        if (request.IdNumber is not null)
            throw Fields.Invalid("document", "excludes others: give one of idNumber and document");
        return request.Document!.Type == IdentityCard
            ? request.Document.Number
            : throw new RefusedException(ErrorCodes.DocumentInvalid, $"The document type must be '{IdentityCard}'.");
    }

    private static Refusal Exists(Guid residentId, ProfileFields differs)
    {
        var names = string.Join(',', NamesOf(differs).Select(name => $"\"{name}\""));
        return new Refusal(
            ErrorCodes.ResidentExists,
            members: $",\"residentId\":\"{residentId}\",\"differs\":[{names}]"
        );
    }

    private static List<string> NamesOf(ProfileFields fields)
    {
        var names = new List<string>();
        if (fields.HasFlag(ProfileFields.Name))
            names.Add("name");
        if (fields.HasFlag(ProfileFields.Phone))
            names.Add("phone");
        if (fields.HasFlag(ProfileFields.District))
            names.Add("district");
        return names;
    }
}
