namespace Grid.Residents;

/// <summary>A resident's state as last committed. Never changed, so that a reader on any thread needs no lock.</summary>
/// <param name="state">The state.</param>
/// <param name="etag">Its version in the store; null when there is no record.</param>
internal sealed class PublishedState(ResidentState state, string? etag)
{
    internal ResidentState State => state;

    internal string? ETag => etag;

    /// <summary>The masked name, once a reader has needed it. Two readers compute the same.</summary>
    internal string? Name { get; set; }
}
