using System.Globalization;
using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>A write connection of a database, and the lane that collects its groups.</summary>
internal sealed class PostgresWriter : GroupLane<WriteWork>
{
    // A commit costs the server and the driver as much as about 50 rows.
    private const int GatherMs = 2;
    private const int EnoughRows = 192;

    private readonly PostgresDatabase _database;
    private readonly PostgresSession _session;

    /// <param name="database">The database.</param>
    /// <param name="number">The writer's number in the database.</param>
    /// <param name="options">The settings.</param>
    /// <param name="services">Services from the host.</param>
    internal PostgresWriter(PostgresDatabase database, int number, StoreOptions options, StoreServices services)
        : base(
            database.Place,
            $"grid-store-{database.Number:00}-{number:00}",
            new GroupLimits(options.MaxGroupRows, options.MaxQueueRows, options.WriteTimeout)
            {
                GatherMs = GatherMs,
                EnoughRows = EnoughRows,
            },
            services
        )
    {
        _database = database;
        _session = new PostgresSession(
            database,
            "writer",
            options.WriteTimeout,
            services,
            options.Postgres.ReopenDelay
        );
        Start();
    }

    /// <inheritdoc/>
    protected override void Do(List<WriteWork> group)
    {
        while (group.Count > 0 && !TryCommit(group)) { }
    }

    /// <inheritdoc/>
    protected override StoreException Undo(Exception exception)
    {
        _session.Check(exception);
        if (PostgresFaults.IsOfATable(exception))
            _database.ForgetTables();
        return PostgresFaults.Translate(exception, Place);
    }

    /// <inheritdoc/>
    protected override void Close(bool idle)
    {
        if (idle)
            _session.Dispose();
    }

    // Returns false if some writes were answered alone; nothing was committed and the rest must be retried.
    private bool TryCommit(List<WriteWork> group)
    {
        // Connect first: without a connection the whole group fails before rows are collected.
        _session.Connection();
        if (!TryGather(group, out var rows))
            return false;
        try
        {
            rows.Commit(_session);
            return true;
        }
        catch (PostgresException exception) when (PostgresFaults.IsOfARow(exception) && group.Count > 1)
        {
            _session.Check(exception);
            CommitEach(group);
            return true;
        }
        catch (PostgresException exception) when (PostgresFaults.IsOfARow(exception))
        {
            _session.Check(exception);
            AnswerAlone(
                group,
                group[0],
                new StoreException(StoreErrorCodes.Invalid, "A record can't be written; nothing of it was.", exception)
            );
            return false;
        }
    }

    private bool TryGather(List<WriteWork> group, out PostgresGroup rows)
    {
        rows = new PostgresGroup(_database);
        foreach (var work in group)
        {
            try
            {
                work.Apply(rows);
            }
            catch (Exception exception) when (!PostgresFaults.IsOfTheServer(exception))
            {
                AnswerAlone(group, work, exception);
                return false;
            }
        }

        return true;
    }

    // The server does not tell which write holds the bad value: run each in its own transaction this once.
    private void CommitEach(List<WriteWork> group)
    {
        foreach (var work in group.ToArray())
        {
            List<WriteWork> alone = [work];
            Do(alone);
            if (alone.Count == 0)
                group.Remove(work);
        }
    }
}
