namespace Grid.Residents;

/// <summary>A resident's last committed state. Immutable, so a reader on any thread needs no lock.</summary>
/// <param name="state">The state.</param>
/// <param name="etag">Its version in the store; null when there is no row.</param>
internal sealed class PublishedState(ResidentState state, string? etag)
{
    internal ResidentState State => state;

    internal string? ETag => etag;

    /// <summary>The masked name, cached by the first reader. Two concurrent readers compute the same.</summary>
    internal string? Name { get; set; }
}
