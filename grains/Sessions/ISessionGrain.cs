namespace Grid.Sessions;

/// <summary>The sign-in of one resident: the one-time codes sent to the phone. Named as the resident is.</summary>
public interface ISessionGrain : IGrainWithGuidKey
{
    /// <summary>Makes a one-time code when the phone is the resident's and no limit is reached.</summary>
    /// <param name="phone">Normalised: 11 digits.</param>
    /// <param name="challenge">A random id that the sign-in must bring: without it nobody uses up the attempts of this code.</param>
    Task<ChallengeAnswer> Challenge(PrivateText phone, Guid challenge);

    /// <summary>Takes a one-time code: once, in time, and within the attempts allowed for that challenge.</summary>
    Task<bool> Redeem(Guid challenge, PrivateText code);
}

/// <summary>The answer to a challenge; the gateway tells the caller nothing of it.</summary>
/// <param name="Code">The one-time code for the notifier; null when none may be sent.</param>
[GenerateSerializer, Immutable]
public readonly record struct ChallengeAnswer([property: Id(0)] string? Code)
{
    /// <summary>Says nothing of the code, so that no log can.</summary>
    public override string ToString() => nameof(ChallengeAnswer);
}

/// <summary>A challenge whose code can be used.</summary>
/// <param name="Challenge">Its id.</param>
/// <param name="Digest">See <see cref="OneTimeCodes.Digest"/>.</param>
/// <param name="ExpiresAt">When the code lapses.</param>
/// <param name="Attempts">Wrong codes tried on it.</param>
[GenerateSerializer, Immutable, Alias("grid.open-challenge")]
public sealed record OpenChallenge(
    [property: Id(0)] Guid Challenge,
    [property: Id(1)] byte[] Digest,
    [property: Id(2)] DateTimeOffset ExpiresAt,
    [property: Id(3)] int Attempts);

/// <summary>What the store keeps of sign-ins under way. Former versions had one code, without a challenge.</summary>
[GenerateSerializer, Alias("grid.session-state")]
public sealed class SessionState
{
    /// <summary>Of former versions; not written.</summary>
    [Id(0)] public byte[] Digest { get; set; } = [];

    /// <inheritdoc cref="Digest"/>
    [Id(1)] public DateTimeOffset ExpiresAt { get; set; }

    /// <inheritdoc cref="Digest"/>
    [Id(2)] public int Attempts { get; set; }

    /// <summary>When the present hour of counting began.</summary>
    [Id(3)] public DateTimeOffset HourFrom { get; set; }

    /// <summary>Codes sent in that hour.</summary>
    [Id(4)] public int SentInHour { get; set; }

    /// <summary>The challenges that can be answered, oldest first; at most <see cref="SessionGrain.CodesPerHourMax"/>.</summary>
    [Id(5)] public OpenChallenge[] Open { get; set; } = [];
}
