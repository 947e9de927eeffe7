using System.Runtime.CompilerServices;
using System.Text;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// The statements on one table of states. A record that was cleared stays as a row without bytes: its version goes on, so
/// that a write which knew an older one meets a conflict, and rows behind it are still found.
/// </summary>
internal sealed class SqliteStateTable(SqliteDatabase database, string table) : IDisposable
{
    private const int MaxKeyBytes = StateKey.MaxTextChars * 3;

    private readonly SqliteStatement _update = database.Prepare(
        $"UPDATE \"{table}\" SET version = ?3, pending = ?4, state = ?5 WHERE row = ?1 AND version = ?2 AND id = ?6"
    );

    private readonly SqliteStatement _insert = database.Prepare(
        $"INSERT INTO \"{table}\" (row, version, pending, state, id) VALUES (?1, ?3, ?4, ?5, ?6) ON CONFLICT (row) DO NOTHING"
    );

    private readonly SqliteStatement _find = database.Prepare(
        $"SELECT version, id, state IS NULL FROM \"{table}\" WHERE row = ?1"
    );

    /// <summary>The index of rows with work left; it exists for states that can have any.</summary>
    internal static string PendingIndexOf(string table) => $"pending:{table}";

    internal static string Sql(string table, bool hasPending) =>
        $"""
            CREATE TABLE "{table}" (
                row INTEGER PRIMARY KEY, version INTEGER NOT NULL, pending INTEGER NOT NULL, id NOT NULL, state BLOB);
            {(hasPending ? $"CREATE INDEX \"{PendingIndexOf(table)}\" ON \"{table}\" (row) WHERE pending <> 0;" : "")}
            """;

    /// <summary>Writes a state over the version that the caller knows.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="known">The version that the caller read or wrote last; 0 when it knows of no record.</param>
    /// <param name="pending">Whether work is left.</param>
    /// <param name="state">The bytes.</param>
    /// <param name="clear">Leaves the record without a state instead.</param>
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

    /// <summary>Adds a record as it was in another store, under its version there.</summary>
    /// <exception cref="StoreException">The key has a record.</exception>
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

        throw new StoreException(StoreErrorCodes.Invalid, $"A record of {table} can't be added: its key has one.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _update.Dispose();
        _insert.Dispose();
        _find.Dispose();
    }

    /// <summary>The key as the column <c>id</c> has it: 16 bytes for a GUID, else text.</summary>
    internal static int CopyId(in StateKey key, Span<byte> target)
    {
        if (key.Text is { } text)
            return Encoding.UTF8.GetBytes(text, target);
        key.Guid.TryWriteBytes(target, bigEndian: true, out var written);
        return written;
    }

    /// <summary>The text of the key that a column <c>id</c> has.</summary>
    internal static string KeyText(SqliteStatement statement, int column) =>
        statement.IsText(column)
            ? statement.Text(column)
            : new Guid(statement.Bytes(column), bigEndian: true).ToString("N");

    /// <summary>Whether the row that a statement stands on is the key's; false when another key of the same hash has it.</summary>
    /// <exception cref="StoreException">No key of that hash has it: the row is damaged, and must not look like nobody's.</exception>
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

    // A conflict, a record that was cleared, or a key whose first row another key has.
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
            // To the caller a cleared record is none.
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
