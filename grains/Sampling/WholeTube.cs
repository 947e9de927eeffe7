namespace Grid.Sampling;

/// <summary>A tube with all its samples, collected offline.</summary>
[GenerateSerializer, Immutable]
public sealed record WholeTube(
    [property: Id(0)] TubeOpening Opening,
    [property: Id(1)] SampleCollected[] Samples,
    [property: Id(2)] bool Seal
);
