namespace Grid.Sampling;

/// <summary>
/// A share of the tubes for which one laboratory has results held: tubes that no site has registered. It bounds what a
/// laboratory can put into the store for tubes that never come.
/// </summary>
public interface IHeldTubesGrain : IGrainWithStringKey
{
    /// <summary>Puts a tube on the account; false when it is full. The same tube again changes nothing.</summary>
    /// <param name="tube">Digest of the tube's id.</param>
    Task<bool> TryHold(ulong tube);

    /// <summary>Takes a tube off the account.</summary>
    Task Release(ulong tube);
}

/// <summary>How the account of a laboratory is cut.</summary>
public static class HeldShards
{
    /// <summary>Shares of a laboratory's account.</summary>
    public const int Count = 256;

    /// <summary>The key of a tube's share of a laboratory's account.</summary>
    public static string KeyOf(string laboratory, ulong tube) => $"{laboratory}/{tube % Count:000}";
}
