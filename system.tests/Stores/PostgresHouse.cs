using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;
using Grid.Tests.Fixtures;
using Npgsql;

namespace Grid.Tests.Stores;

/// <summary>A store on its own databases on the tests' PostgreSQL server.</summary>
internal sealed class PostgresHouse : StoreHouse
{
    internal const string NoteTable = "state:note:note";

    internal PostgresHouse(PostgresServer server, int databases = 2)
    {
        Options = new StoreOptions
        {
            // The machine may be busy; tests of timeouts set their own.
            WriteTimeout = TimeSpan.FromSeconds(10),
            Postgres =
            {
                Databases = [.. Enumerable.Range(0, databases).Select(_ => server.CreateDatabase())],
                ReadTimeout = TimeSpan.FromSeconds(10),
                ConnectTimeout = TimeSpan.FromSeconds(5),
            },
        };
    }

    internal StoreOptions Options { get; }

    internal PostgresSchema Schema { get; set; } = PostgresSchema.Current;

    internal PostgresStore Store { get; private set; } = null!;

    internal override PostgresHouse Open()
    {
        Close();
        Store = Another();
        States = new GridGrainStorage(Store);
        Visits = new PostgresVisitLog(Store);
        Loader = new PostgresLoader(Store);
        return this;
    }

    /// <summary>A second store on the same databases.</summary>
    internal PostgresStore Another() => new(Options, Services(), Schema);

    internal override void UseOneWriter(int? maxGroupRows = null, int? maxQueueRows = null)
    {
        Options.Postgres.Databases = [Options.Postgres.Databases[0]];
        Options.Postgres.Writers = 1;
        Options.MaxGroupRows = maxGroupRows ?? Options.MaxGroupRows;
        Options.MaxQueueRows = maxQueueRows ?? Options.MaxQueueRows;
    }

    internal override WriterStop Stop()
    {
        Store.Databases[0].EnsureStates(NoteTable, hasPending: true);
        return new TableStop(Options.Postgres.Databases[0]);
    }

    internal override void Close() => Store?.Dispose();

    /// <summary>Holds a lock that blocks every write.</summary>
    private sealed class TableStop : WriterStop
    {
        private readonly NpgsqlConnection _connection;
        private readonly NpgsqlTransaction _transaction;

        internal TableStop(string database)
        {
            _connection = new NpgsqlConnection($"{database};Pooling=false");
            _connection.Open();
            _transaction = _connection.BeginTransaction();
            using var command = new NpgsqlCommand($"LOCK TABLE \"{NoteTable}\" IN EXCLUSIVE MODE", _connection);
            command.ExecuteNonQuery();
        }

        public override void Dispose() => _connection.Dispose();

        protected override void GoOn() => _transaction.Rollback();
    }
}
