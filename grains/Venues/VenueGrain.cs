namespace Grid.Venues;

/// <inheritdoc cref="IVenueGrain"/>
[GrainType("venue")]
public sealed class VenueGrain(
    [PersistentState("venue", "registry")] IPersistentState<VenueState> state, TimeProvider time)
    : DurableGrain<VenueState>(state), IVenueGrain
{
    // A scan that comes while the venue is being changed sees what was last committed.
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
        await Commit(new VenueState { Venue = venue, ChangedBy = by, ChangedAt = time.GetUtcNow() });
        _committed = venue;
    }

    /// <inheritdoc/>
    public ValueTask<Venue?> Get() => new(_committed);
}
