using Grid.Silo.Stores;

namespace Grid.Silo.Hosting;

/// <summary>
/// Wakes the grains whose rows say that work is left, in the partitions of this silo: when it starts, and when another silo has
/// died. A result whose fan-out was cut in half reaches the rest of its members though nobody asks again.
/// </summary>
internal sealed partial class PendingWork(
    IPendingScan scan, IGrainFactory grains, IClusterMembershipService membership, PartitionMap partitions,
    TimeProvider time, ILogger<PendingWork> log) : BackgroundService
{
    private const int Parallel = 32;
    private const int RetriesMax = 5;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            var dead = DeadIn(membership.CurrentSnapshot);
            await FinishAsync(stoppingToken);
            await foreach (var view in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                var known = dead;
                dead = DeadIn(view);
                if (!dead.IsSubsetOf(known))
                    await FinishAsync(stoppingToken);
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops, and calls to grains fail meanwhile.
        }
    }

    /// <summary>
    /// Wakes those of this silo's partitions; completes when each is finished or given up. An activation that still lives on
    /// another silo, from before this one joined, is called there: a second time does no harm.
    /// </summary>
    private async Task FinishAsync(CancellationToken stopping)
    {
        var own = partitions.Own().ToHashSet();
        var running = new List<Task>(Parallel);
        var count = 0;
        try
        {
            await foreach (var grain in scan.PendingAsync(stopping))
            {
                if (!own.Contains(StateKey.Of(grain).Partition))
                    continue;
                if (running.Count == Parallel)
                    running.Remove(await Task.WhenAny(running));
                running.Add(Resume(grain, stopping));
                count++;
            }
        }
        catch (StoreException exception)
        {
            LogScanFailed(log, exception);
        }
        await Task.WhenAll(running);
        if (count > 0)
            LogResumed(log, count);
    }

    private static HashSet<SiloAddress> DeadIn(ClusterMembershipSnapshot view) =>
        [.. view.Members.Values.Where(static member => member.Status == SiloStatus.Dead).Select(static member => member.SiloAddress)];

    private async Task Resume(GrainId grain, CancellationToken stopping)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await grains.GetGrain<IResumable>(grain).Resume();
                return;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                if (attempt >= RetriesMax)
                {
                    LogGaveUp(log, grain.Type.ToString()!, exception);
                    return;
                }
            }
            await Task.Delay(RetryPause, time, stopping);
        }
    }

    [LoggerMessage(LogLevel.Information, "Finished what a stop had left of {Count} grains")]
    private static partial void LogResumed(ILogger log, int count);

    [LoggerMessage(LogLevel.Error, "Could not look for work left; it is finished when its grains are next called")]
    private static partial void LogScanFailed(ILogger log, Exception exception);

    [LoggerMessage(LogLevel.Error, "Could not finish the work left in a grain of type {GrainType}")]
    private static partial void LogGaveUp(ILogger log, string grainType, Exception exception);
}
