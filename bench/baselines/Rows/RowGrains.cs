using Grid.Clients;
using Grid.Codes;
using Grid.Residents;
using Grid.Sampling;
using Grid.Scans;
using Grid.Vaccination;
using Grid.Venues;

namespace Grid.Bench.Baselines.Rows;

/// <summary>
/// Answers the grain calls of a display and a scan from rows. The gateway is the product's own, so that a baseline
/// checks the same token, signs and opens the same code and applies the same policy. Visits are written to the rows
/// directly.
/// </summary>
internal sealed class RowGrains(IRowStore store, TimeProvider time, CodeOptions options) : IGrainFactory
{
    private const string Unused = "A baseline serves displays and scans.";

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        typeof(TGrainInterface) == typeof(IResidentGrain)
            ? (TGrainInterface)(object)new RowResident(primaryKey, store, time, options)
            : throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey =>
        typeof(TGrainInterface) == typeof(IVenueGrain)
            ? (TGrainInterface)(object)new RowVenue(primaryKey, store)
            : throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        typeof(TGrainInterface) == typeof(IRevocationsGrain)
            ? (TGrainInterface)(object)new NoRevocations()
            : throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(
        Guid primaryKey,
        string keyExtension,
        string? grainClassNamePrefix = null
    )
        where TGrainInterface : IGrainWithGuidCompoundKey => throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(
        long primaryKey,
        string keyExtension,
        string? grainClassNamePrefix = null
    )
        where TGrainInterface : IGrainWithIntegerCompoundKey => throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) =>
        throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) =>
        throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) =>
        throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public IAddressable GetGrain(GrainId grainId) => throw new NotSupportedException(Unused);

    /// <inheritdoc/>
    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) =>
        throw new NotSupportedException(Unused);

    private sealed class RowResident(Guid key, IRowStore store, TimeProvider time, CodeOptions options) : IResidentGrain
    {
        private static readonly ResidentRow Nobody = new();

        public async ValueTask<CodeView> Show()
        {
            var row = await store.ReadAsync(key) ?? Nobody;
            return CodeRules.View(row.State, row.Name, time.GetUtcNow(), options);
        }

        public ValueTask<VisitReceipt> Scan(ScanCommand scan) => throw new NotSupportedException(Unused);

        public ValueTask Warm() => throw new NotSupportedException(Unused);

        public ValueTask<ResidentHistory> History() => throw new NotSupportedException(Unused);

        public ValueTask<bool> HasPhone(PhoneNumber phone) => throw new NotSupportedException(Unused);

        public ValueTask<PhoneNumber?> Phone() => throw new NotSupportedException(Unused);

        public Task<RegistrationAnswer> Register(Registration registration) => throw new NotSupportedException(Unused);

        public Task<ProfileAnswer> Change(ProfileChange change) => throw new NotSupportedException(Unused);

        public Task<bool> Apply(TubeStanding standing) => throw new NotSupportedException(Unused);

        public Task<bool> Vaccinate(DoseRecord dose) => throw new NotSupportedException(Unused);
    }

    private sealed class NoRevocations : IRevocationsGrain
    {
        public Task<bool> Revoke(RevokedSubject subject) => throw new NotSupportedException(Unused);

        public ValueTask<RevokedSubject[]> All() => new([]);
    }

    private sealed class RowVenue(string venueId, IRowStore store) : IVenueGrain
    {
        public ValueTask<Venue?> Get() => store.ReadVenueAsync(venueId);

        public Task Put(Venue venue, string by) => store.WriteVenueAsync(venueId, venue);
    }
}
