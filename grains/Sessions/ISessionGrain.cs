namespace Grid.Sessions;

/// <summary>The sign-in of one resident: the one-time code sent to the phone. Named as the resident is.</summary>
public interface ISessionGrain : IGrainWithGuidKey
{
    /// <summary>Makes a one-time code when the phone is the resident's and no limit is reached.</summary>
    Task<ChallengeAnswer> Challenge(PrivateText phone);

    /// <summary>Takes a one-time code: once, in time, and within the attempts allowed.</summary>
    Task<bool> Redeem(PrivateText code);
}

/// <summary>The answer to a challenge; the gateway tells the caller nothing of it.</summary>
/// <param name="Code">The one-time code for the notifier; null when none may be sent.</param>
[GenerateSerializer, Immutable]
public readonly record struct ChallengeAnswer([property: Id(0)] string? Code)
{
    /// <summary>Says nothing of the code, so that no log can.</summary>
    public override string ToString() => nameof(ChallengeAnswer);
}

/// <summary>What the store keeps of a sign-in under way.</summary>
[GenerateSerializer, Alias("grid.session-state")]
public sealed class SessionState
{
    /// <summary>SHA-256 of the code and the resident's key; empty when no code is open.</summary>
    [Id(0)] public byte[] Digest { get; set; } = [];

    /// <summary>When the code lapses.</summary>
    [Id(1)] public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Wrong codes tried on this one.</summary>
    [Id(2)] public int Attempts { get; set; }

    /// <summary>When the present hour of counting began.</summary>
    [Id(3)] public DateTimeOffset HourFrom { get; set; }

    /// <summary>Codes sent in that hour.</summary>
    [Id(4)] public int SentInHour { get; set; }
}
