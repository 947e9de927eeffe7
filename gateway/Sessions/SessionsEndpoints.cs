using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Overload;
using Grid.Gateway.Requests;
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

/// <summary>The answer to a challenge, the same for everybody.</summary>
public sealed record ChallengeAnswerShape(string ChallengeId)
{
    /// <summary>Does not say the id.</summary>
    public override string ToString() => nameof(ChallengeAnswerShape);
}

/// <summary>Signs in with one.</summary>
public sealed record SignInRequest(string? ChallengeId, string? Otp)
{
    /// <summary>Says neither.</summary>
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
        sessions
            .MapPost("/challenge", ChallengeAsync)
            .AllowEveryone()
            .LimitSignIn()
            .WithSummary(
                "Send a one-time code to the registered phone. The answer says nothing of whether there is one."
            );
        sessions
            .MapPost("/", SignInAsync)
            .AllowEveryone()
            .LimitSignIn()
            .WithSummary("Sign in with the id of a challenge and its one-time code.");
    }

    internal static async Task<Results<Accepted<ChallengeAnswerShape>, Refusal>> ChallengeAsync(
        ChallengeRequest request,
        HttpContext context,
        SignIn signIn,
        ResidentKeys keys,
        TimeProvider time
    )
    {
        context.Response.Headers.CacheControl = "no-store";
        if (string.IsNullOrWhiteSpace(request.IdNumber))
            throw Fields.Missing("idNumber");
        if (string.IsNullOrWhiteSpace(request.Phone))
            throw Fields.Missing("phone");
        // What can be neither is answered as what is not registered.
        PhoneNumber? phone = PhoneNumber.TryParse(request.Phone.AsSpan().Trim(), out var number) ? number : null;
        var id = await signIn.ChallengeAsync(context, Resident(request.IdNumber, keys, time), phone);
        return TypedResults.Accepted((string?)null, new ChallengeAnswerShape(id));
    }

    internal static async Task<Results<Ok<TokenAnswer>, Refusal>> SignInAsync(
        SignInRequest request,
        HttpContext context,
        SignIn signIn
    )
    {
        context.Response.Headers.CacheControl = "no-store";
        if (string.IsNullOrWhiteSpace(request.ChallengeId))
            throw Fields.Missing("challengeId");
        var code = Sessions.SignIn.CodeOf(request.Otp);
        if (code.Length == 0)
            throw Fields.Missing("otp");
        return await signIn.RedeemAsync(context, request.ChallengeId.Trim(), code) is { } session
            ? TypedResults.Ok(new TokenAnswer(session.Token, session.ExpiresAt))
            : new Refusal(ErrorCodes.SignInRefused);
    }

    private static Guid? Resident(string idNumber, ResidentKeys keys, TimeProvider time) =>
        IdNumber.Parse(idNumber.AsSpan().Trim(), CivilDay.Today(time), out var number) == IdNumberOutcome.Valid
            ? keys.Of(number)
            : null;
}
