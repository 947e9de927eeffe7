namespace Grid.Sampling;

/// <summary>Who changed a tube, and when.</summary>
/// <param name="Subject">The subject of the caller's token.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("grid.tube-hand")]
public sealed record TubeHand([property: Id(0)] string Subject, [property: Id(1)] DateTimeOffset At);
