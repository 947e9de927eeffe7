namespace Grid.Sampling;

/// <summary>
/// One shard of the tubes for which a laboratory has held results, that is, results of tubes that no site has
/// registered. It bounds what a laboratory can store for tubes that never arrive.
/// </summary>
public interface IHeldTubesGrain : IGrainWithStringKey
{
    /// <summary>Adds a tube; false when the shard is full. A repeat changes nothing.</summary>
    /// <param name="tube">Digest of the tube's id.</param>
    Task<bool> TryHold(ulong tube);

    /// <summary>Removes a tube, if the shard has it.</summary>
    Task Release(ulong tube);
}
