using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Overload;
using Grid.Gateway.Tokens;
using Grid.Residents;
using Grid.Sessions;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Sessions;

/// <summary>
/// Sign-in by a one-time code. Whether a number is registered, and with which phone, must not be readable from the
/// answer nor from its time: a challenge is always answered alike and at the same moment, and so is a refusal.
/// </summary>
internal sealed partial class SignIn(
    IGrainFactory grains, AccessTokens tokens, INotifier notifier, TimeProvider time, IOptions<GatewayOptions> options, ILogger<SignIn> logger)
{
    /// <summary>How long a signed-in phone stays so.</summary>
    internal static readonly TimeSpan TokenLife = TimeSpan.FromHours(12);

    /// <summary>The length of a one-time code.</summary>
    internal const int CodeLength = 6;

    private int _challenges;

    /// <summary>Answers after the set time; the work goes on behind the answer when it takes longer.</summary>
    internal async Task ChallengeAsync(Guid? residentId, PhoneNumber phone, IOverloadSlot? slot)
    {
        if (Interlocked.Increment(ref _challenges) > options.Value.ChallengesInFlightMax)
        {
            Interlocked.Decrement(ref _challenges);
            throw new RefusedException(ErrorCodes.Overloaded);
        }
        var answered = Task.Delay(options.Value.SignInAnswerAfter, time);
        await Task.WhenAny(SendAsync(residentId, phone), answered);
        // A place is for work. A wait on purpose that held one would let anybody fill the gateway with nothing.
        slot?.Release();
        await answered;
    }

    /// <summary>The token, or null when the code does not fit.</summary>
    internal async Task<(string Token, DateTimeOffset ExpiresAt)?> RedeemAsync(Guid? residentId, string code, IOverloadSlot? slot)
    {
        var refused = Task.Delay(options.Value.SignInAnswerAfter, time);
        var isCode = code.Length == CodeLength && !code.AsSpan().ContainsAnyExceptInRange('0', '9');
        if (residentId is { } known && isCode && await grains.GetGrain<ISessionGrain>(known).Redeem(code))
            return tokens.Mint(Role.Resident, known.ToString(), TokenLife);
        slot?.Release();
        await refused;
        return null;
    }

    private async Task SendAsync(Guid? residentId, PhoneNumber phone)
    {
        try
        {
            if (residentId is not { } known)
                return;
            var answer = await grains.GetGrain<ISessionGrain>(known).Challenge(phone.Reveal());
            if (answer.Code is { } code)
                await notifier.SendAsync(new OneTimeCode(known, phone.Reveal(), code, time.GetUtcNow()), CancellationToken.None);
        }
        catch (Exception fault)
        {
            NotSent(logger, fault);
        }
        finally
        {
            Interlocked.Decrement(ref _challenges);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "A one-time code could not be sent")]
    private static partial void NotSent(ILogger logger, Exception fault);
}
