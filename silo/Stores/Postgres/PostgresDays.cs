using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// Creates the tables of the coming days, so that no scan after midnight waits for one, and drops days after their
/// retention. Every process may run it; repeating it has no effect.
/// </summary>
internal sealed partial class PostgresDays(PostgresStore store, ILogger<PostgresDays> log, TimeProvider time)
    : BackgroundService
{
    /// <summary>Creates and drops the tables that are due.</summary>
    /// <returns>Days dropped, counted once per database.</returns>
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
            catch (StoreException exception)
            {
                LogFailed(exception);
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
        catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
        {
            throw PostgresFaults.Translate(exception, database.Place);
        }
    }

    private static void Drop(PostgresDatabase database, string table)
    {
        // Forget it first: a late scan of that day then recreates the table instead of failing.
        database.Forget(table);
        database.ChangeTables($"DROP TABLE IF EXISTS {table};");
    }

    [LoggerMessage(LogLevel.Information, "{Place}: deleted the visits of {Day} after their retention")]
    private partial void LogDropped(string place, int day);

    [LoggerMessage(LogLevel.Warning, "Days of visits could not be created or deleted; retrying in the next period")]
    private partial void LogFailed(Exception exception);
}
