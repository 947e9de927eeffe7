namespace Grid.Engine;

/// <summary>Makes references to grains. A reference costs an object of 48 bytes and no look-up.</summary>
public interface IGrainFactory
{
    /// <summary>A reference to the grain with a GUID key.</summary>
    /// <param name="primaryKey">The key.</param>
    /// <param name="grainClassNamePrefix">Start of the class name (without namespace), where several classes implement the interface.</param>
    /// <exception cref="ArgumentException">No class, or more than one, implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey;

    /// <summary>A reference to the grain with a string key.</summary>
    /// <inheritdoc cref="GetGrain{TGrainInterface}(Guid, string?)"/>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    /// <summary>A reference to the grain with this identity.</summary>
    /// <exception cref="ArgumentException">The grain type is unknown or does not implement the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable;
}
