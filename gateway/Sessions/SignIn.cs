using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Overload;
using Grid.Gateway.Security;
using Grid.Gateway.Tokens;
using Grid.Residents;
using Grid.Sessions;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Sessions;

/// <summary>
/// Sign-in and registration by one-time codes. Neither the answer nor its time may reveal whether a number is
/// registered, and with which phone: every request for a code gets the same answer after the same delay, and so does
/// every refusal.
/// </summary>
internal sealed class SignIn(
    IGrainFactory grains,
    AccessTokens tokens,
    ChallengeIds ids,
    Messages messages,
    SignInLimits limits,
    SecurityEvents events,
    TimeProvider time,
    IOptions<GatewayOptions> options
)
{
    /// <summary>The life of a phone's token.</summary>
    internal static readonly TimeSpan TokenLife = TimeSpan.FromHours(12);

    /// <summary>Starts a sign-in. Answers after a fixed delay; longer work continues in the background.</summary>
    /// <param name="context">The request.</param>
    /// <param name="residentId">The resident of the identity number; null when the number is invalid.</param>
    /// <param name="phone">The phone; null when it is invalid.</param>
    internal async Task<string> ChallengeAsync(HttpContext context, Guid? residentId, PhoneNumber? phone)
    {
        if (phone is { } counted)
            limits.CountPhone(counted);
        if (residentId is { } known)
            limits.CountDocument(known);
        var (challenge, id) = ids.New(phone is null ? null : residentId);
        var answered = AnswerTime();
        if (residentId is { } resident && phone is { } number)
            messages.Behind(() => SendCodeAsync(resident, number, challenge));
        await WaitAsync(context, answered);
        return id;
    }

    /// <summary>The token; null when the code does not match.</summary>
    internal async Task<(string Token, DateTimeOffset ExpiresAt)?> RedeemAsync(
        HttpContext context,
        string challengeId,
        string code
    )
    {
        limits.CheckGuess(context);
        var refused = AnswerTime();
        if (
            IsCode(code)
            && ids.TryRead(challengeId, out var resident, out var challenge)
            && await grains.GetGrain<ISessionGrain>(resident).Redeem(challenge, code)
        )
            return TokenOf(resident);
        await RefuseAsync(context, refused);
        return null;
    }

    /// <summary>Starts a registration. A registered person gets a notice on the registered phone, not a code.</summary>
    internal async Task<Guid> BeginRegistrationAsync(HttpContext context, Guid residentId, Registration registration)
    {
        limits.CountPhone(registration.Phone);
        limits.CountDocument(residentId);
        var id = Guid.NewGuid();
        var answered = AnswerTime();
        messages.Behind(() => SendRegistrationAsync(id, residentId, registration));
        await WaitAsync(context, answered);
        return id;
    }

    /// <summary>The registration that the code confirms; null, after the fixed delay, when it confirms none.</summary>
    internal async Task<Registration?> ConfirmAsync(HttpContext context, Guid registrationId, string code)
    {
        limits.CheckGuess(context);
        var refused = AnswerTime();
        if (IsCode(code) && await grains.GetGrain<IRegistrationGrain>(registrationId).Redeem(code) is { } registration)
            return registration;
        await RefuseAsync(context, refused);
        return null;
    }

    /// <summary>A token for a resident.</summary>
    internal (string Token, DateTimeOffset ExpiresAt) TokenOf(Guid resident) =>
        tokens.Mint(Role.Resident, resident.ToString(), TokenLife);

    /// <summary>The digits of a code as a person types or pastes it.</summary>
    internal static string CodeOf(string? otp) => string.Concat((otp ?? "").Where(c => !char.IsWhiteSpace(c)));

    /// <summary>Whether a text has the form of a code.</summary>
    internal static bool IsCode(string code) =>
        code.Length == OneTimeCodes.Length && !code.AsSpan().ContainsAnyExceptInRange('0', '9');

    /// <summary>Counts a refused code, and answers after the fixed delay.</summary>
    internal Task RefuseAsync(HttpContext context, Task answerTime)
    {
        events.Count(SecurityEvent.SignInRefused);
        limits.CountRefusal(context);
        return WaitAsync(context, answerTime);
    }

    /// <summary>Completes after the fixed delay.</summary>
    internal Task AnswerTime() => Task.Delay(options.Value.SignInAnswerAfter, time);

    // The delay is deliberate and idle, so it releases its slot of overload control. SignInLimiting bounds it.
    private static Task WaitAsync(HttpContext context, Task answered)
    {
        context.Features.Get<IOverloadSlot>()?.Release();
        return answered;
    }

    private async Task SendCodeAsync(Guid resident, PhoneNumber phone, Guid challenge)
    {
        var answer = await grains.GetGrain<ISessionGrain>(resident).Challenge(phone, challenge);
        if (answer.Code is { } code)
            await messages.SendAsync(new OneTimeCode(CodePurpose.SignIn, resident, phone, code, time.GetUtcNow()));
    }

    private async Task SendRegistrationAsync(Guid id, Guid residentId, Registration registration)
    {
        if (await grains.GetGrain<IResidentGrain>(residentId).Phone() is { } registered)
        {
            await messages.SendAsync(
                new Notice(NoticeKind.AlreadyRegistered, residentId, registered, time.GetUtcNow())
            );
            return;
        }
        var code = await grains.GetGrain<IRegistrationGrain>(id).Open(registration);
        await messages.SendAsync(
            new OneTimeCode(CodePurpose.Registration, id, registration.Phone, code.Value, time.GetUtcNow())
        );
    }
}
