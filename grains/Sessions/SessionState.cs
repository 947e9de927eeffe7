namespace Grid.Sessions;

/// <summary>
/// The stored sign-ins of a resident that wait for their code. Former versions stored one code without a challenge.
/// </summary>
[GenerateSerializer, Alias("grid.session-state")]
public sealed class SessionState
{
    /// <summary>From former versions; no longer written.</summary>
    [Id(0)]
    public byte[] Digest { get; set; } = [];

    /// <inheritdoc cref="Digest"/>
    [Id(1)]
    public DateTimeOffset ExpiresAt { get; set; }

    /// <inheritdoc cref="Digest"/>
    [Id(2)]
    public int Attempts { get; set; }

    /// <summary>When the current hour of <see cref="SentInHour"/> started.</summary>
    [Id(3)]
    public DateTimeOffset HourFrom { get; set; }

    /// <summary>How many codes were sent in that hour.</summary>
    [Id(4)]
    public int SentInHour { get; set; }

    /// <summary>
    /// The challenges whose codes are valid, oldest first; at most <see cref="SessionGrain.MaxCodesPerHour"/>.
    /// </summary>
    [Id(5)]
    public OpenChallenge[] Open { get; set; } = [];
}
