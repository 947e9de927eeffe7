using System.Runtime.CompilerServices;
using System.Text;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// The statements of a table of states. A cleared record keeps its row without bytes: its version continues, so that a
/// write with an older version conflicts, and rows after it are still found.
/// </summary>
internal sealed class SqliteStateTable(SqliteDatabase database, string table) : IDisposable
{
    private const int MaxKeyBytes = StateKey.MaxTextChars * 3;

    private readonly SqliteStatement _update = database.Prepare(
        $"UPDATE \"{table}\" SET version = ?3, pending = ?4, state = ?5 WHERE row = ?1 AND version = ?2 AND id = ?6"
    );

    private readonly SqliteStatement _insert = database.Prepare(
        $"INSERT INTO \"{table}\" (row, version, pending, state, id) VALUES (?1, ?3, ?4, ?5, ?6)"
            + " ON CONFLICT (row) DO NOTHING"
    );

    private readonly SqliteStatement _find = database.Prepare(
        $"SELECT version, id, state IS NULL FROM \"{table}\" WHERE row = ?1"
    );

    /// <summary>The index of rows with pending work; it exists only for states that can have pending work.</summary>
    internal static string PendingIndexOf(string table) => $"pending:{table}";

    internal static string Sql(string table, bool hasPending) =>
        $"""
            CREATE TABLE "{table}" (
                row INTEGER PRIMARY KEY, version INTEGER NOT NULL, pending INTEGER NOT NULL, id NOT NULL, state BLOB);
            {(hasPending ? $"CREATE INDEX \"{PendingIndexOf(table)}\" ON \"{table}\" (row) WHERE pending <> 0;" : "")}
            """;

    /// <summary>Writes a state over the version that the caller knows.</summary>
    /// <param name="key">The key of the grain.</param>
    /// <param name="known">The version that the caller last read or wrote; 0 if it knows no record.</param>
    /// <param name="pending">Whether the state has pending work.</param>
    /// <param name="state">The bytes.</param>
    /// <param name="clear">Whether to clear the record's state instead.</param>
    [SkipLocalsInit]
    internal StateOutcome Write(in StateKey key, long known, bool pending, ReadOnlySpan<byte> state, bool clear)
    {
        Span<byte> id = stackalloc byte[MaxKeyBytes];
        var value = new Value(id[..CopyId(key, id)], state, clear, pending);
        if (known > 0 && Run(_update, key, 0, known, known + 1, value))
            return new StateOutcome(true, known + 1);
        if (known == 0 && !clear && Run(_insert, key, 0, 0, 1, value))
            return new StateOutcome(true, 1);
        return WriteSlowly(key, known, value);
    }

    /// <summary>Adds a record from another store with its version there.</summary>
    /// <exception cref="StoreException">The key already has a record.</exception>
    [SkipLocalsInit]
    internal void Add(in StateKey key, long version, bool pending, ReadOnlySpan<byte> state)
    {
        Span<byte> id = stackalloc byte[MaxKeyBytes];
        var value = new Value(id[..CopyId(key, id)], state, clear: false, pending);
        for (var probe = 0; probe < StateKey.MaxProbes; probe++)
        {
            if (Run(_insert, key, probe, 0, version, value))
                return;
            if (Look(key, probe, value).Own)
                break;
        }

        throw new StoreException(
            StoreErrorCodes.Invalid,
            $"A record of {table} can't be added: its key already has one."
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _update.Dispose();
        _insert.Dispose();
        _find.Dispose();
    }

    /// <summary>The key as stored in the column <c>id</c>: 16 bytes for a GUID, else text.</summary>
    internal static int CopyId(in StateKey key, Span<byte> target)
    {
        if (key.Text is { } text)
            return Encoding.UTF8.GetBytes(text, target);
        key.Guid.TryWriteBytes(target, bigEndian: true, out var written);
        return written;
    }

    /// <summary>The key's text from the column <c>id</c>.</summary>
    internal static string KeyText(SqliteStatement statement, int column) =>
        statement.IsText(column)
            ? statement.Text(column)
            : new Guid(statement.Bytes(column), bigEndian: true).ToString("N");

    /// <summary>
    /// Whether the current row belongs to the key; false if it belongs to another key with the same hash.
    /// </summary>
    /// <exception cref="StoreException">
    /// The row's key has another hash: the row is damaged and must not look absent.
    /// </exception>
    internal static bool IsId(SqliteStatement statement, int column, in StateKey key, int probe, ReadOnlySpan<byte> id)
    {
        var stored = statement.Bytes(column);
        var isText = statement.IsText(column);
        if (isText == key.Text is not null && stored.SequenceEqual(id))
            return true;
        if (StateKey.TryRead(isText, stored, out var other) && other.CanHave(key.Row(probe)))
            return false;
        throw new StoreException(StoreErrorCodes.Damaged, $"The key of a row in partition {key.Partition} is damaged.");
    }

    // Handles a conflict, a cleared record, or a key whose first row belongs to another key.
    private StateOutcome WriteSlowly(in StateKey key, long known, in Value value)
    {
        for (var probe = 0; probe < StateKey.MaxProbes; probe++)
        {
            var (found, own, version, cleared) = Look(key, probe, value);
            if (!found)
            {
                if (known > 0 || value.Clear)
                    return new StateOutcome(known == 0, 0);
                Run(_insert, key, probe, 0, 1, value);
                return new StateOutcome(true, 1);
            }

            if (!own)
                continue;
            // To the caller a cleared record does not exist.
            var matches = known == version || (known == 0 && cleared);
            if (!matches)
                return new StateOutcome(false, cleared ? 0 : version);
            if (cleared && value.Clear)
                return new StateOutcome(true, 0);
            Run(_update, key, probe, version, version + 1, value);
            return new StateOutcome(true, version + 1);
        }

        throw new StoreException(
            StoreErrorCodes.Invalid,
            $"More than {StateKey.MaxProbes} keys of {table} have one hash."
        );
    }

    private (bool Found, bool Own, long Version, bool Cleared) Look(in StateKey key, int probe, in Value value)
    {
        _find.BindInt64(1, key.Row(probe));
        try
        {
            return _find.Step()
                ? (true, IsId(_find, 1, key, probe, value.Id), _find.Int64(0), _find.Int64(2) != 0)
                : default;
        }
        finally
        {
            _find.Reset();
        }
    }

    private bool Run(SqliteStatement statement, in StateKey key, int probe, long known, long next, in Value value)
    {
        statement.BindInt64(1, key.Row(probe));
        if (statement == _update)
            statement.BindInt64(2, known);
        statement.BindInt64(3, next);
        statement.BindInt64(4, value.Pending ? 1 : 0);
        if (value.Clear)
            statement.BindNull(5);
        else
            statement.BindBlob(5, value.State);
        if (key.Text is null)
            statement.BindBlob(6, value.Id);
        else
            statement.BindText(6, value.Id);
        statement.Run();
        return database.Changes > 0;
    }

    private readonly ref struct Value(ReadOnlySpan<byte> id, ReadOnlySpan<byte> state, bool clear, bool pending)
    {
        internal readonly ReadOnlySpan<byte> Id = id;
        internal readonly ReadOnlySpan<byte> State = state;
        internal readonly bool Clear = clear;
        internal readonly bool Pending = pending;
    }
}
