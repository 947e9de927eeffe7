using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Grid.Residents;

namespace Grid.Sessions;

/// <inheritdoc cref="ISessionGrain"/>
[GrainType("session")]
public sealed class SessionGrain(
    [PersistentState("session", "grid")] IPersistentState<SessionState> state,
    TimeProvider time) : DurableGrain<SessionState>(state), ISessionGrain
{
    /// <summary>How long a code can be used.</summary>
    public static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(5);

    /// <summary>Wrong codes after which a code is void: 5 of a million leave a guesser 1 in 200,000.</summary>
    public const int AttemptsMax = 5;

    /// <summary>Codes sent to one phone in an hour.</summary>
    public const int CodesPerHourMax = 5;

    /// <inheritdoc/>
    public async Task<ChallengeAnswer> Challenge(PrivateText phone)
    {
        var now = time.GetUtcNow();
        var sameHour = now < State.HourFrom.AddHours(1);
        if (sameHour && State.SentInHour >= CodesPerHourMax)
            return default;
        if (!await GrainFactory.GetGrain<IResidentGrain>(this.GetPrimaryKey()).HasPhone(phone))
            return default;
        var code = RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", CultureInfo.InvariantCulture);
        await Commit(new SessionState
        {
            Digest = DigestOf(code),
            ExpiresAt = now + CodeLife,
            HourFrom = sameHour ? State.HourFrom : now,
            SentInHour = sameHour ? State.SentInHour + 1 : 1,
        });
        return new ChallengeAnswer(code);
    }

    /// <inheritdoc/>
    public async Task<bool> Redeem(PrivateText code)
    {
        if (State.Digest.Length == 0 || State.Attempts >= AttemptsMax || State.ExpiresAt <= time.GetUtcNow())
            return false;
        var right = CryptographicOperations.FixedTimeEquals(State.Digest, DigestOf(code.Value));
        await Commit(new SessionState
        {
            Digest = right ? [] : State.Digest,
            ExpiresAt = State.ExpiresAt,
            Attempts = State.Attempts + (right ? 0 : 1),
            HourFrom = State.HourFrom,
            SentInHour = State.SentInHour,
        });
        return right;
    }

    private byte[] DigestOf(string code) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{this.GetPrimaryKey():N}|{code}"));
}
