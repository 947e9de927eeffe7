using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// Deletes the visits whose retention has ended: days older than <see cref="StoreOptions.VisitRetentionDays"/>. A day goes
/// in small pieces, each a part of an ordinary commit, so that nobody waits for it.
/// </summary>
internal sealed partial class SqliteDays(SqliteStore store, ILogger<SqliteDays> log, TimeProvider time)
    : BackgroundService
{
    private const int PieceRows = 500;

    /// <summary>Deletes what is due now.</summary>
    /// <returns>Days that are gone, counted once a file.</returns>
    internal async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var today = VisitDay.Of(time.GetUtcNow());
        var firstKept = VisitDay.Add(today, -store.Options.VisitRetentionDays);
        var dropped = 0;
        foreach (var file in store.Files)
        {
            foreach (
                var day in file
                    .Tables.Select(TableNames.DayOf)
                    .OfType<int>()
                    .Where(day => day < firstKept)
                    .Order()
                    .ToArray()
            )
            {
                await DropAsync(file, day, cancellation);
                LogDropped(file.Path, day);
                dropped++;
            }
        }

        return dropped;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(store.Options.RetentionPeriod, time);
        do
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (StoreException fault)
            {
                LogFailed(fault);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static async Task DropAsync(SqliteFile file, int day, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var piece = new VisitThinning(day, PieceRows);
            file.Enqueue(piece);
            if (await piece.Done)
                break;
        }

        file.Forget(TableNames.OfDay(day));
    }

    [LoggerMessage(LogLevel.Information, "{Path}: the visits of {Day} are deleted, their retention has ended")]
    private partial void LogDropped(string path, int day);

    [LoggerMessage(
        LogLevel.Warning,
        "Visits whose retention has ended could not be deleted; tried again in the next period"
    )]
    private partial void LogFailed(Exception fault);
}

/// <summary>Deletes a piece of a day of visits, and the table when it is empty.</summary>
internal sealed class VisitThinning(int day, int rows) : WriteWork
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _gone;

    /// <summary>True when the day is gone.</summary>
    internal Task<bool> Done => _done.Task;

    /// <inheritdoc/>
    internal override int Rows => rows;

    /// <inheritdoc/>
    internal override void Apply(IGroupWriter group)
    {
        var writer = (SqliteWriter)group;
        _gone = writer.FindVisits(day) is not { } visits || visits.Thin(rows) < rows;
        if (_gone)
            writer.Drop(TableNames.OfDay(day));
    }

    /// <inheritdoc/>
    protected override void Succeed() => _done.SetResult(_gone);

    /// <inheritdoc/>
    protected override void Fail(StoreException fault) => _done.SetException(fault);
}
