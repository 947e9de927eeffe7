using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Overload;
using Grid.Gateway.Requests;
using Grid.Keys;
using Grid.Residents;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Sessions;

/// <summary>Requests a one-time code.</summary>
public sealed record ChallengeRequest(string? IdNumber, string? Phone)
{
    /// <summary>Hides the person from logs.</summary>
    public override string ToString() => nameof(ChallengeRequest);
}

/// <summary>The answer to a challenge; it has the same form for every number.</summary>
public sealed record ChallengeAnswerShape(string ChallengeId)
{
    /// <summary>Hides the id from logs.</summary>
    public override string ToString() => nameof(ChallengeAnswerShape);
}

/// <summary>Signs in with a one-time code.</summary>
public sealed record SignInRequest(string? ChallengeId, string? Otp)
{
    /// <summary>Hides the id and the code from logs.</summary>
    public override string ToString() => nameof(SignInRequest);
}

/// <summary>An access token.</summary>
public sealed record TokenAnswer(string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>Hides the token from logs.</summary>
    public override string ToString() => nameof(TokenAnswer);
}

/// <summary>Sign-in of phones.</summary>
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
                "Send a one-time code to the registered phone. The answer does not reveal "
                    + "whether the person is registered."
            );
        sessions
            .MapPost("/", SignInAsync)
            .AllowEveryone()
            .LimitSignIn()
            .WithSummary("Sign in with a challenge id and its one-time code.");
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
        // An invalid number or phone gets the same answer as an unregistered one.
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
