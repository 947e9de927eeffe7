namespace Grid.Sampling;

/// <summary>The answer to an import.</summary>
/// <param name="Status">
/// <see cref="TubeStatus.Done"/>, <see cref="TubeStatus.Replayed"/> when nothing changed, or why the tube was refused.
/// </param>
/// <param name="Samples">
/// The outcome of each sample, in order; empty when the opening was refused. A refused tube keeps no sample.
/// </param>
[GenerateSerializer, Immutable]
public sealed record TubeImportAnswer([property: Id(0)] TubeStatus Status, [property: Id(1)] TubeStatus[] Samples)
{
    /// <summary>Whether a sample with this outcome is in the tube.</summary>
    public static bool IsTaken(TubeStatus sample) =>
        sample is TubeStatus.Done or TubeStatus.Replayed or TubeStatus.AlreadyInTube;
}
