using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Requests;
using Grid.Gateway.Sessions;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Residents;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Residents;

/// <summary>The answer to a self-registration; it has the same form for every number.</summary>
public sealed record RegistrationAnswerShape(Guid RegistrationId);

/// <summary>Confirms with a one-time code.</summary>
public sealed record ConfirmRequest(string? Otp)
{
    /// <summary>Hides the code from logs.</summary>
    public override string ToString() => nameof(ConfirmRequest);
}

/// <summary>A registered, signed-in resident.</summary>
public sealed record ConfirmAnswer(Guid ResidentId, string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>Hides the token from logs.</summary>
    public override string ToString() => nameof(ConfirmAnswer);
}

/// <summary>A new phone.</summary>
public sealed record PhoneRequest(string? Phone)
{
    /// <summary>Hides the phone from logs.</summary>
    public override string ToString() => nameof(PhoneRequest);
}

/// <summary>Self-registration in two steps, and the change of one's own phone.</summary>
internal static class RegistrationsEndpoints
{
    internal static void MapRegistrations(this IEndpointRouteBuilder routes)
    {
        var registrations = routes.MapGroup("/v1/registrations").WithTags("Residents");
        registrations
            .MapPost("/", BeginAsync)
            .AllowEveryone()
            .LimitSignIn()
            .WithSummary(
                "Request a registration. A one-time code goes to the phone; the answer does not reveal "
                    + "whether the person is registered."
            );
        registrations
            .MapPost("/{registrationId:guid}/confirm", ConfirmAsync)
            .AllowEveryone()
            .LimitSignIn()
            .WithSummary("Register with the one-time code, and sign in.");
        var phone = routes.MapGroup("/v1/me/phone").WithTags("Residents");
        phone
            .MapPost("/", BeginPhoneAsync)
            .Allow(Roles.Resident)
            .WithSummary("Request a change of phone. A one-time code goes to the new phone.");
        phone
            .MapPost("/confirm", ConfirmPhoneAsync)
            .Allow(Roles.Resident)
            .WithSummary("Change the phone with the one-time code. The former phone gets a notice.");
    }

    internal static async Task<Results<Accepted<RegistrationAnswerShape>, Refusal>> BeginAsync(
        RegisterRequest request,
        HttpContext context,
        SignIn signIn,
        ResidentKeys keys,
        TimeProvider time
    )
    {
        context.Response.Headers.CacheControl = "no-store";
        var registration = ResidentsEndpoints.Read(request, time);
        var id = await signIn.BeginRegistrationAsync(context, keys.Of(registration.IdNumber), registration);
        return TypedResults.Accepted((string?)null, new RegistrationAnswerShape(id));
    }

    internal static async Task<Results<Created<ConfirmAnswer>, Ok<ConfirmAnswer>, Refusal>> ConfirmAsync(
        Guid registrationId,
        ConfirmRequest request,
        HttpContext context,
        SignIn signIn,
        IIdentityVerifier verifier,
        IGrainFactory grains,
        ResidentKeys keys
    )
    {
        context.Response.Headers.CacheControl = "no-store";
        var code = SignIn.CodeOf(request.Otp);
        if (code.Length == 0)
            throw Fields.Missing("otp");
        var refused = signIn.AnswerTime();
        if (await signIn.ConfirmAsync(context, registrationId, code) is not { } registration)
            return new Refusal(ErrorCodes.SignInRefused);
        if (!await verifier.VerifyAsync(registration, context.RequestAborted))
            return new Refusal(ErrorCodes.IdentityRefused);
        var residentId = keys.Of(registration.IdNumber);
        var answer = await grains.GetGrain<IResidentGrain>(residentId).Register(registration);
        if (answer.Differs != ProfileFields.None)
        {
            // Another registration was faster. The caller must not learn whose.
            await signIn.RefuseAsync(context, refused);
            return new Refusal(ErrorCodes.SignInRefused);
        }
        var (token, expiresAt) = signIn.TokenOf(residentId);
        var confirmed = new ConfirmAnswer(residentId, token, expiresAt);
        return answer.Created ? TypedResults.Created((string?)null, confirmed) : TypedResults.Ok(confirmed);
    }

    internal static async Task<Results<Accepted, Refusal>> BeginPhoneAsync(
        PhoneRequest request,
        CheckedCaller caller,
        IGrainFactory grains,
        Messages messages,
        SignInLimits limits,
        TimeProvider time
    )
    {
        var phone = Fields.Phone(request.Phone);
        if (await grains.GetGrain<IResidentGrain>(caller.ResidentId).Phone() is null)
            return new Refusal(ErrorCodes.ResidentUnknown);
        limits.CountPhone(phone);
        limits.CountDocument(caller.ResidentId);
        var code = await grains.GetGrain<IPhoneChangeGrain>(caller.ResidentId).Open(phone);
        messages.Behind(() =>
            messages.SendAsync(
                new OneTimeCode(CodePurpose.PhoneChange, caller.ResidentId, phone, code.Value, time.GetUtcNow())
            )
        );
        return TypedResults.Accepted((string?)null);
    }

    internal static async Task<Results<Ok<ChangeAnswer>, Refusal>> ConfirmPhoneAsync(
        ConfirmRequest request,
        CheckedCaller caller,
        HttpContext context,
        IGrainFactory grains,
        Messages messages,
        SignIn signIn,
        SignInLimits limits,
        TimeProvider time
    )
    {
        var code = SignIn.CodeOf(request.Otp);
        if (code.Length == 0)
            throw Fields.Missing("otp");
        limits.CheckGuess(context);
        var refused = signIn.AnswerTime();
        if (
            !SignIn.IsCode(code)
            || await grains.GetGrain<IPhoneChangeGrain>(caller.ResidentId).Redeem(code) is not { } phone
        )
        {
            await signIn.RefuseAsync(context, refused);
            return new Refusal(ErrorCodes.SignInRefused);
        }
        var change = new ProfileChange(null, phone, null, By: "", Reason: "");
        var answer = await grains.GetGrain<IResidentGrain>(caller.ResidentId).Change(change);
        if (!answer.Registered)
            return new Refusal(ErrorCodes.ResidentUnknown);
        ResidentsEndpoints.TellFormerPhone(messages, caller.ResidentId, answer, time);
        return TypedResults.Ok(
            new ChangeAnswer(caller.ResidentId, answer.Changed == ProfileFields.None ? [] : ["phone"])
        );
    }
}
