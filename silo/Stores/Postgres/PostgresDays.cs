using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// Makes the tables of the coming days, so that no scan after midnight waits for one, and drops those whose retention has
/// ended. Every process may do it; who comes second finds it done.
/// </summary>
internal sealed partial class PostgresDays(PostgresStore store, ILogger<PostgresDays> log, TimeProvider time)
    : BackgroundService
{
    /// <summary>Does what is due now.</summary>
    /// <returns>Days dropped, counted once a database.</returns>
    internal int RunOnce()
    {
        var today = VisitDay.Of(time.GetUtcNow());
        var firstKept = VisitDay.Add(today, -store.Options.VisitRetentionDays);
        return store.Databases.Sum(database => RunOnce(database, today, firstKept));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(store.Options.RetentionPeriod, time);
        await Task.Yield();
        do
        {
            try
            {
                RunOnce();
            }
            catch (StoreException fault)
            {
                LogFailed(fault);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private int RunOnce(PostgresDatabase database, int today, int firstKept)
    {
        try
        {
            using (var connection = database.Open())
                database.Learn(connection);
            for (var ahead = 0; ahead <= store.Options.Postgres.VisitDaysAhead; ahead++)
                database.EnsureDay(VisitDay.Add(today, ahead));
            var ended = database
                .Tables.Select(TableNames.DayOf)
                .OfType<int>()
                .Where(day => day < firstKept)
                .Order()
                .ToArray();
            foreach (var day in ended)
            {
                Drop(database, TableNames.OfDay(day));
                LogDropped(database.Place, day);
            }

            return ended.Length;
        }
        catch (Exception fault) when (PostgresFaults.IsOfTheServer(fault))
        {
            throw PostgresFaults.Translate(fault, database.Place);
        }
    }

    private static void Drop(PostgresDatabase database, string table)
    {
        // Forgotten first: a late scan of that day makes it anew instead of meeting a table that is gone.
        database.Forget(table);
        database.ChangeTables($"DROP TABLE IF EXISTS {table};");
    }

    [LoggerMessage(LogLevel.Information, "{Place}: the visits of {Day} are deleted, their retention has ended")]
    private partial void LogDropped(string place, int day);

    [LoggerMessage(LogLevel.Warning, "Days of visits could not be made or deleted; tried again in the next period")]
    private partial void LogFailed(Exception fault);
}
