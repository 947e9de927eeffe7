namespace Grid.Venues;

/// <inheritdoc cref="IVenueGrain"/>
[GrainType("venue")]
public sealed class VenueGrain(
    [PersistentState("venue", "registry")] IPersistentState<VenueState> state,
    TimeProvider time
) : DurableGrain<VenueState>(state), IVenueGrain
{
    // The last committed venue: a scan that interleaves with a change must not see the change before its commit.
    private Venue? _committed;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _committed = State.Venue;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Put(Venue venue, string by)
    {
        if (State.Venue == venue)
            return;
        await CommitAsync(
            new VenueState
            {
                Venue = venue,
                ChangedBy = by,
                ChangedAt = time.GetUtcNow(),
            }
        );
        _committed = venue;
    }

    /// <inheritdoc/>
    public ValueTask<Venue?> Get() => new(_committed);
}
