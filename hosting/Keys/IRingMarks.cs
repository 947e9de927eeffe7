using Grid.Keys;
using Grid.Residents;

namespace Grid.Hosting.Keys;

/// <summary>
/// The marks of the key ring that a store was written with (<see cref="KeyMarks"/>). Under another ring every resident
/// would be somebody new, and green: the start is refused then.
/// </summary>
public interface IRingMarks
{
    /// <summary>What the store is called in a message.</summary>
    string Place { get; }

    /// <summary>
    /// The marks that are recorded; none for a store that was never written with this or a later version.
    /// </summary>
    /// <exception cref="StoreException">The store can't be read now.</exception>
    IReadOnlyCollection<string> Read();

    /// <summary>Adds marks to those recorded.</summary>
    /// <exception cref="StoreException">The store can't be written now.</exception>
    void Add(IReadOnlyCollection<string> marks);

    /// <summary>
    /// Whether a resident is stored: their keys come from a ring, whether or not its marks are recorded.
    /// </summary>
    /// <exception cref="StoreException">The store can't be read now.</exception>
    bool HasResidents();
}

/// <summary>Checks a ring against the marks of a store.</summary>
public static class RingMarks
{
    /// <summary>
    /// Checks that the ring has every key that the store was written with, and records those that are new.
    /// </summary>
    /// <exception cref="StoreException">It lacks one, with what to do.</exception>
    public static void Verify(this IRingMarks store, KeyRing ring, string dataFolder)
    {
        var recorded = store.Read();
        var present = KeyMarks.Of(ring);
        var missing = recorded.Except(present).Order(StringComparer.Ordinal).ToArray();
        if (missing.Length > 0)
            throw Other(store, dataFolder, missing);
        if (present.Except(recorded).Any())
            store.Add(present);
    }

    /// <summary>Refuses to make a new ring beside a store that was written with one.</summary>
    /// <exception cref="StoreException">There is no ring, and the store has marks of one, or residents.</exception>
    public static void RefuseWithoutRing(this IRingMarks store, string dataFolder)
    {
        if (KeyRing.Exists(dataFolder))
            return;
        if (store.Read() is { Count: > 0 } recorded)
            throw Other(store, dataFolder, [.. recorded]);
        if (store.HasResidents())
            throw Other(store, dataFolder, ["every key"]);
    }

    private static StoreException Other(IRingMarks store, string dataFolder, string[] missing) =>
        new(
            StoreErrorCodes.Invalid,
            $"{store.Place} was written with another key ring than {Path.Combine(dataFolder, "keys", "ring.json")}: {string.Join(", ", missing)} "
                + "is missing there. Under another ring every resident would be unknown, and green when registered anew. Put the ring of the "
                + "newest backup back (it is in every backup), or name the folder that has it. Nothing was changed."
        );
}
