using Grid.Keys;
using Grid.Residents;

namespace Grid.Hosting.Keys;

/// <summary>
/// The marks of the key ring that a store was written with (<see cref="KeyMarks"/>). Under another ring every resident
/// would count as new, and green, so the start is refused.
/// </summary>
public interface IRingMarks
{
    /// <summary>The store's name in messages.</summary>
    string Place { get; }

    /// <summary>
    /// The recorded marks; none for a store that this or a later version never wrote.
    /// </summary>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    IReadOnlyCollection<string> Read();

    /// <summary>Adds marks to the recorded ones.</summary>
    /// <exception cref="StoreException">The store cannot be written now.</exception>
    void Add(IReadOnlyCollection<string> marks);

    /// <summary>
    /// Whether the store has a resident. A resident's key comes from a ring even if no mark is recorded.
    /// </summary>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    bool HasResidents();
}

/// <summary>Checks a ring against the marks of a store.</summary>
public static class RingMarks
{
    /// <summary>
    /// Verifies that the ring has every key that the store was written with, and records new keys.
    /// </summary>
    /// <exception cref="StoreException">The ring lacks a key; the message says what to do.</exception>
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

    /// <summary>Refuses to create a new ring for a store that was written with one.</summary>
    /// <exception cref="StoreException">The ring is missing, and the store has marks of one, or residents.</exception>
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
            $"{store.Place} was written with another key ring than {Path.Combine(dataFolder, "keys", "ring.json")}: "
                + $"{string.Join(", ", missing)} is missing there. Under another ring every resident would be unknown, "
                + "and green when registered anew. Put the ring of the newest backup back (it is in every backup), "
                + "or name the folder that has it. Nothing was changed."
        );
}
