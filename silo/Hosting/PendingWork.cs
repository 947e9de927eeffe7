namespace Grid.Silo.Hosting;

/// <summary>
/// Wakes the grains whose rows say that work is left, when the silo starts: a result whose fan-out a crash cut in half
/// reaches the rest of its members though nobody asks again.
/// </summary>
public sealed partial class PendingWork(
    IPendingScan scan, IGrainFactory grains, TimeProvider time, ILogger<PendingWork> log) : BackgroundService
{
    private const int Parallel = 32;
    private const int RetriesMax = 5;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => FinishAsync(stoppingToken);

    /// <summary>Wakes all that are chosen, or all of the process; completes when each is finished or given up.</summary>
    internal async Task FinishAsync(CancellationToken stoppingToken, Predicate<GrainId>? isChosen = null)
    {
        await Task.Yield();
        var running = new List<Task>(Parallel);
        var count = 0;
        try
        {
            await foreach (var grain in scan.PendingAsync(stoppingToken))
            {
                if (isChosen?.Invoke(grain) == false)
                    continue;
                if (running.Count == Parallel)
                    running.Remove(await Task.WhenAny(running));
                running.Add(Resume(grain, stoppingToken));
                count++;
            }
        }
        catch (StoreException fault)
        {
            LogScanFailed(log, fault);
        }
        await Task.WhenAll(running);
        if (count > 0)
            LogResumed(log, count);
    }

    private async Task Resume(GrainId grain, CancellationToken stopping)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await grains.GetGrain<IResumable>(grain).Resume();
                return;
            }
            catch (Exception fault) when (!stopping.IsCancellationRequested)
            {
                if (attempt >= RetriesMax)
                {
                    LogGaveUp(log, grain.Type.ToString()!, fault);
                    return;
                }
            }
            await Task.Delay(RetryPause, time, stopping);
        }
    }

    [LoggerMessage(LogLevel.Information, "Finished what a stop had left of {Count} grains")]
    private static partial void LogResumed(ILogger log, int count);

    [LoggerMessage(LogLevel.Error, "Could not look for work left; it is finished when its grains are next called")]
    private static partial void LogScanFailed(ILogger log, Exception fault);

    [LoggerMessage(LogLevel.Error, "Could not finish the work left in a grain of type {GrainType}")]
    private static partial void LogGaveUp(ILogger log, string grainType, Exception fault);
}
