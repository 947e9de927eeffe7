using Grid.Residents;

namespace Grid.Sessions;

/// <inheritdoc cref="ISessionGrain"/>
[GrainType("session")]
public sealed class SessionGrain(
    [PersistentState("session", "grid")] IPersistentState<SessionState> state,
    TimeProvider time
) : DurableGrain<SessionState>(state), ISessionGrain
{
    /// <summary>Maximum codes that one resident's phone gets in an hour.</summary>
    public const int MaxCodesPerHour = 5;

    /// <inheritdoc/>
    public async Task<ChallengeAnswer> Challenge(PhoneNumber phone, Guid challenge)
    {
        var now = time.GetUtcNow();
        var sameHour = now < State.HourFrom.AddHours(1);
        if (sameHour && State.SentInHour >= MaxCodesPerHour)
            return default;
        if (!await GrainFactory.GetGrain<IResidentGrain>(this.GetPrimaryKey()).HasPhone(phone))
        {
            // Anybody can send made-up numbers, so an activation without a state deactivates at once.
            if (!sameHour)
                DeactivateOnIdle();
            return default;
        }
        var code = OneTimeCodes.New();
        var open = new OpenChallenge(challenge, OneTimeCodes.Digest(challenge, code), now + OneTimeCodes.Life, 0);
        await CommitAsync(
            new SessionState
            {
                HourFrom = sameHour ? State.HourFrom : now,
                SentInHour = sameHour ? State.SentInHour + 1 : 1,
                Open = [.. State.Open.Where(each => each.ExpiresAt > now).TakeLast(MaxCodesPerHour - 1), open],
            }
        );
        return new ChallengeAnswer(code);
    }

    /// <inheritdoc/>
    public async Task<bool> Redeem(Guid challenge, PrivateText code)
    {
        var open = Array.Find(State.Open, each => each.Challenge == challenge);
        if (open is null || open.Attempts >= OneTimeCodes.MaxAttempts || open.ExpiresAt <= time.GetUtcNow())
            return false;
        var right = OneTimeCodes.Matches(open.Digest, challenge, code.Value);
        await CommitAsync(
            new SessionState
            {
                HourFrom = State.HourFrom,
                SentInHour = State.SentInHour,
                Open = right
                    ? [.. State.Open.Where(each => each != open)]
                    : [.. State.Open.Select(each => each == open ? open with { Attempts = open.Attempts + 1 } : each)],
            }
        );
        return right;
    }
}
