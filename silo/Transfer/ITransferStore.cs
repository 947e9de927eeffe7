using Grid.Scans;

namespace Grid.Silo.Transfer;

/// <summary>A store in exclusive use for a transfer: read row by row, or filled if empty.</summary>
internal interface ITransferStore
{
    /// <summary>The store's name in messages.</summary>
    string Place { get; }

    /// <summary>The kinds of states that have rows, with their counts. Cleared records do not count.</summary>
    IReadOnlyList<TransferKind> Kinds();

    /// <summary>The number of visits.</summary>
    long CountVisits();

    /// <summary>The states of a kind.</summary>
    IEnumerable<StoredState> States(TransferKind kind);

    /// <summary>All visits.</summary>
    IEnumerable<Visit> Visits();

    /// <summary>Marks the store as being filled: until <see cref="EndFilling"/> it can't be opened otherwise.</summary>
    void BeginFilling();

    /// <summary>Adds states of a kind.</summary>
    void Add(TransferKind kind, IReadOnlyList<StoredState> states);

    /// <summary>Adds visits.</summary>
    void Add(IReadOnlyList<Visit> visits);

    /// <summary>Makes all rows durable and removes the mark.</summary>
    void EndFilling();
}

/// <summary>A state as stored.</summary>
/// <param name="Key">The key of the grain.</param>
/// <param name="Version">The stored version.</param>
/// <param name="Pending">Whether the state has pending work.</param>
/// <param name="Bytes">The state.</param>
internal readonly record struct StoredState(string Key, long Version, bool Pending, byte[] Bytes);
