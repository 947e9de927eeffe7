using Grid.Scans;

namespace Grid.Silo.Transfer;

/// <summary>A store that nobody else uses while its content moves: read row by row, or filled when it is empty.</summary>
internal interface ITransferStore
{
    /// <summary>How messages name it.</summary>
    string Place { get; }

    /// <summary>Every kind of state that has rows, with their number. Cleared records are none.</summary>
    IReadOnlyList<TransferKind> Kinds();

    /// <summary>How many visits there are.</summary>
    long CountVisits();

    /// <summary>The states of a kind.</summary>
    IEnumerable<StoredState> States(TransferKind kind);

    /// <summary>All visits.</summary>
    IEnumerable<Visit> Visits();

    /// <summary>Notes that the store is being filled: until <see cref="EndFilling"/> it can't be opened for anything else.</summary>
    void BeginFilling();

    /// <summary>Adds states of a kind.</summary>
    void Add(TransferKind kind, IReadOnlyList<StoredState> states);

    /// <summary>Adds visits.</summary>
    void Add(IReadOnlyList<Visit> visits);

    /// <summary>Makes all of it durable and takes the note away.</summary>
    void EndFilling();
}

/// <summary>A state as stored.</summary>
/// <param name="Key">The key of the grain.</param>
/// <param name="Version">Its version.</param>
/// <param name="Pending">Whether it has work left.</param>
/// <param name="Bytes">The state.</param>
internal readonly record struct StoredState(string Key, long Version, bool Pending, byte[] Bytes);
