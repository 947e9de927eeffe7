namespace Grid.Tests.Simulation;

/// <summary>Creates grain references: Orleans' generated proxies over the calls of one process.</summary>
internal sealed class SimGrains(IGrainReferenceRuntime calls) : IGrainFactory
{
    private readonly Dictionary<(GrainType, Type), GrainReferenceShared> _shared = [];

    /// <summary>Creates a reference from all its parts.</summary>
    internal GrainReference Reference(GrainId grain, Type face)
    {
        if (!_shared.TryGetValue((grain.Type, face), out var shared))
            _shared.Add((grain.Type, face), shared = SimTypes.Shared(grain.Type, face, calls));
        return SimTypes.Proxy(shared, grain.Key, face);
    }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Of<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey));

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Of<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey));

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => Of<TGrainInterface>(IdSpan.Create(primaryKey));

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => (TGrainInterface)(object)Reference(grainId, typeof(TGrainInterface));

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) =>
        Reference(grainId, SimTypes.FaceOf(interfaceType));

    public IAddressable GetGrain(GrainId grainId) => throw NotNeeded();

    public TGrainInterface GetGrain<TGrainInterface>(
        Guid primaryKey,
        string keyExtension,
        string? grainClassNamePrefix = null
    )
        where TGrainInterface : IGrainWithGuidCompoundKey => throw NotNeeded();

    public TGrainInterface GetGrain<TGrainInterface>(
        long primaryKey,
        string keyExtension,
        string? grainClassNamePrefix = null
    )
        where TGrainInterface : IGrainWithIntegerCompoundKey => throw NotNeeded();

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw NotNeeded();

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw NotNeeded();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => throw NotNeeded();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => throw NotNeeded();

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw NotNeeded();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) => throw NotNeeded();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) => throw NotNeeded();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => throw NotNeeded();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) => throw NotNeeded();

    private TGrainInterface Of<TGrainInterface>(IdSpan key) =>
        (TGrainInterface)
            (object)Reference(GrainId.Create(SimTypes.TypeOf(typeof(TGrainInterface)), key), typeof(TGrainInterface));

    private static NotSupportedException NotNeeded() => new("The grid makes no such references.");
}
