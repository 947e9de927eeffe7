using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Http;
using Grid.Gateway.Overload;
using Grid.Keys;
using Grid.Residents;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Sessions;

/// <summary>Asks for a one-time code.</summary>
public sealed record ChallengeRequest(string? IdNumber, string? Phone)
{
    /// <summary>Says nothing of the person.</summary>
    public override string ToString() => nameof(ChallengeRequest);
}

/// <summary>Signs in with one.</summary>
public sealed record SignInRequest(string? IdNumber, string? Otp)
{
    /// <summary>Says nothing of the person.</summary>
    public override string ToString() => nameof(SignInRequest);
}

/// <summary>A token to call with.</summary>
public sealed record TokenAnswer(string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>Does not say the token.</summary>
    public override string ToString() => nameof(TokenAnswer);
}

/// <summary>How a phone signs in.</summary>
internal static class SessionsEndpoints
{
    internal static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/v1/sessions").WithTags("Sessions");
        sessions.MapPost("/challenge", Challenge).AllowEveryone()
            .WithSummary("Send a one-time code to the registered phone. The answer says nothing of whether there is one.");
        sessions.MapPost("/", SignIn).AllowEveryone().WithSummary("Sign in with the one-time code.");
    }

    internal static async Task<Results<Accepted, Refusal>> Challenge(
        ChallengeRequest request, SignIn signIn, ResidentKeys keys, TimeProvider time, HttpContext context)
    {
        if (string.IsNullOrWhiteSpace(request.IdNumber))
            throw Fields.Missing("idNumber");
        if (string.IsNullOrWhiteSpace(request.Phone))
            throw Fields.Missing("phone");
        // What can be neither is answered as what is not registered.
        var isPhone = PhoneNumber.TryParse(request.Phone.AsSpan().Trim(), out var phone);
        await signIn.ChallengeAsync(isPhone ? Resident(request.IdNumber, keys, time) : null, phone, context.Features.Get<IOverloadSlot>());
        return TypedResults.Accepted((string?)null);
    }

    internal static async Task<Results<Ok<TokenAnswer>, Refusal>> SignIn(
        SignInRequest request, SignIn signIn, ResidentKeys keys, TimeProvider time, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (string.IsNullOrWhiteSpace(request.IdNumber))
            throw Fields.Missing("idNumber");
        if (string.IsNullOrWhiteSpace(request.Otp))
            throw Fields.Missing("otp");
        return await signIn.RedeemAsync(Resident(request.IdNumber, keys, time), request.Otp.Trim(), context.Features.Get<IOverloadSlot>()) is { } session
            ? TypedResults.Ok(new TokenAnswer(session.Token, session.ExpiresAt))
            : new Refusal(ErrorCodes.SignInRefused);
    }

    private static Guid? Resident(string idNumber, ResidentKeys keys, TimeProvider time)
        => IdNumber.Parse(idNumber.AsSpan().Trim(), CivilDay.Today(time), out var number) == IdNumberOutcome.Valid
            ? keys.Of(number.Reveal())
            : null;
}
