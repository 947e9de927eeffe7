namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// The read connections of a file. Threads are spread over them; two threads on one connection wait for each other,
/// which is cheap for look-ups of a few microseconds.
/// </summary>
internal sealed class SqliteReaders(string path, StoreOptions options) : IDisposable
{
    private readonly Slot[] _slots = [.. Enumerable.Range(0, options.Sqlite.ReadersPerFile).Select(_ => new Slot())];
    private bool _closed;

    internal TResult Use<TArgument, TResult>(TArgument argument, Func<SqliteReader, TArgument, TResult> read)
        where TArgument : allows ref struct
    {
        var slot = _slots[(uint)Environment.CurrentManagedThreadId % (uint)_slots.Length];
        lock (slot)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var reader = slot.Reader ??= new SqliteReader(path, options);
            try
            {
                return read(reader, argument);
            }
            catch (SqliteException)
            {
                slot.Reader = null;
                reader.Dispose();
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _closed, true);
        foreach (var slot in _slots)
        {
            lock (slot)
            {
                slot.Reader?.Dispose();
                slot.Reader = null;
            }
        }
    }

    private sealed class Slot
    {
        internal SqliteReader? Reader { get; set; }
    }
}
