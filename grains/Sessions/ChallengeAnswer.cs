namespace Grid.Sessions;

/// <summary>The answer to a challenge; the gateway hides it from the caller.</summary>
/// <param name="Code">The one-time code for the notifier; null when none may be sent.</param>
[GenerateSerializer, Immutable]
public readonly record struct ChallengeAnswer([property: Id(0)] string? Code)
{
    /// <summary>Hides the code from logs.</summary>
    public override string ToString() => nameof(ChallengeAnswer);
}
