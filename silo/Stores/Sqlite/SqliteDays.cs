using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// Deletes visits after their retention: days older than <see cref="StoreOptions.VisitRetentionDays"/>. A day is
/// deleted in small pieces, each part of an ordinary commit, so that no caller waits for it.
/// </summary>
internal sealed partial class SqliteDays(SqliteStore store, ILogger<SqliteDays> log, TimeProvider time)
    : BackgroundService
{
    private const int PieceRows = 500;

    /// <summary>Deletes the expired days.</summary>
    /// <returns>Days deleted, counted once per file.</returns>
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
            catch (StoreException exception)
            {
                LogFailed(exception);
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

    [LoggerMessage(LogLevel.Information, "{Path}: deleted the visits of {Day} after their retention")]
    private partial void LogDropped(string path, int day);

    [LoggerMessage(LogLevel.Warning, "Expired visits could not be deleted; retrying in the next period")]
    private partial void LogFailed(Exception exception);
}

/// <summary>Deletes part of a day of visits, and the table once it is empty.</summary>
internal sealed class VisitThinning(int day, int rows) : WriteWork
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _gone;

    /// <summary>True when the day is deleted.</summary>
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
    protected override void Fail(StoreException failure) => _done.SetException(failure);
}
