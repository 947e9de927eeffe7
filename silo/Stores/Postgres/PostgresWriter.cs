using System.Globalization;
using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>One writing connection of a database, and the lane that gathers its groups.</summary>
internal sealed class PostgresWriter : GroupLane<WriteWork>
{
    // A commit costs the server and the driver as much as some fifty rows.
    private const int GatherMs = 2;
    private const int EnoughRows = 192;

    private readonly PostgresDatabase _database;
    private readonly PostgresSession _session;

    /// <param name="database">Where it writes.</param>
    /// <param name="number">Its number among the writers of the database.</param>
    /// <param name="options">The settings.</param>
    /// <param name="services">From the host.</param>
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
    protected override StoreException Undo(Exception fault)
    {
        _session.Check(fault);
        if (PostgresFaults.IsOfATable(fault))
            _database.ForgetTables();
        return PostgresFaults.Translate(fault, Place);
    }

    /// <inheritdoc/>
    protected override void Close(bool idle)
    {
        if (idle)
            _session.Dispose();
    }

    // False when some were answered alone and the rest has to be tried without them; nothing stands of the attempt then.
    private bool TryCommit(List<WriteWork> group)
    {
        // A connection that can't be had fails all of the group, before anything is gathered.
        _session.Connection();
        if (!TryGather(group, out var rows))
            return false;
        try
        {
            rows.Commit(_session);
            return true;
        }
        catch (PostgresException fault) when (PostgresFaults.IsOfARow(fault) && group.Count > 1)
        {
            _session.Check(fault);
            CommitEach(group);
            return true;
        }
        catch (PostgresException fault) when (PostgresFaults.IsOfARow(fault))
        {
            _session.Check(fault);
            AnswerAlone(
                group,
                group[0],
                new StoreException(StoreErrorCodes.Invalid, "A record can't be written; nothing of it was.", fault)
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
            catch (Exception fault) when (!PostgresFaults.IsOfTheServer(fault))
            {
                AnswerAlone(group, work, fault);
                return false;
            }
        }

        return true;
    }

    // The server does not say whose value it is: each has a transaction of its own, this once.
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
