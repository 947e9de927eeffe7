using Grid.Residents;

namespace Grid.Sessions;

/// <inheritdoc cref="ISessionGrain"/>
[GrainType("session")]
public sealed class SessionGrain(
    [PersistentState("session", "grid")] IPersistentState<SessionState> state,
    TimeProvider time) : DurableGrain<SessionState>(state), ISessionGrain
{
    /// <summary>Codes sent to one resident in an hour.</summary>
    public const int CodesPerHourMax = 5;

    /// <inheritdoc/>
    public async Task<ChallengeAnswer> Challenge(PrivateText phone, Guid challenge)
    {
        var now = time.GetUtcNow();
        var sameHour = now < State.HourFrom.AddHours(1);
        if (sameHour && State.SentInHour >= CodesPerHourMax)
            return default;
        if (!await GrainFactory.GetGrain<IResidentGrain>(this.GetPrimaryKey()).HasPhone(phone))
        {
            // Anybody can ask for made-up numbers: what was activated for one leaves at once.
            if (!sameHour)
                DeactivateOnIdle();
            return default;
        }
        var code = OneTimeCodes.New();
        var open = new OpenChallenge(challenge, OneTimeCodes.Digest(challenge, code), now + OneTimeCodes.Life, 0);
        await Commit(new SessionState
        {
            HourFrom = sameHour ? State.HourFrom : now,
            SentInHour = sameHour ? State.SentInHour + 1 : 1,
            Open = [.. State.Open.Where(each => each.ExpiresAt > now).TakeLast(CodesPerHourMax - 1), open],
        });
        return new ChallengeAnswer(code);
    }

    /// <inheritdoc/>
    public async Task<bool> Redeem(Guid challenge, PrivateText code)
    {
        var open = Array.Find(State.Open, each => each.Challenge == challenge);
        if (open is null || open.Attempts >= OneTimeCodes.AttemptsMax || open.ExpiresAt <= time.GetUtcNow())
            return false;
        var right = OneTimeCodes.Matches(open.Digest, challenge, code.Value);
        await Commit(new SessionState
        {
            HourFrom = State.HourFrom,
            SentInHour = State.SentInHour,
            Open = right
                ? [.. State.Open.Where(each => each != open)]
                : [.. State.Open.Select(each => each == open ? open with { Attempts = open.Attempts + 1 } : each)],
        });
        return right;
    }
}
