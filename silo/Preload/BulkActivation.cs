using Grid.Hosting.Settings;
using Grid.Residents;
using Grid.Silo.Cluster;
using Grid.Silo.Stores;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Preload;

/// <summary>
/// Activates the residents of this silo's partitions before a peak, while the silo serves calls. It activates first and
/// then reads the states in bulk: no other silo writes an activated grain, so a state read afterwards is never stale.
/// </summary>
internal sealed partial class BulkActivation(
    IPartitionLoader loader,
    IGrainFactory grains,
    ResidentViews views,
    PartitionMap map,
    IOptions<SiloOptions> options,
    TimeProvider time,
    ILogger<BulkActivation> log
) : BackgroundService
{
    // Adjacent partitions are read together: they are one range of rows.
    private const int MaxPartitionsAtOnce = 8;

    // Reads one range while another is activated.
    private const int MaxRangesAtOnce = 2;
    private const int MaxCallsInFlight = 128;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Preload)
            return;
        var startedAt = time.GetTimestamp();
        using var period = new PeriodicTimer(Period, time);
        try
        {
            while (!map.IsComplete && time.GetElapsedTime(startedAt) < MaxWait)
                await period.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await ActivateAsync(map.Own(), stoppingToken);
    }

    /// <summary>Activates all residents of the partitions; returns their number.</summary>
    internal async Task<long> ActivateAsync(int[] partitions, CancellationToken stoppingToken)
    {
        await Task.Yield();
        var startedAt = time.GetTimestamp();
        long count = 0;
        try
        {
            var isShort = false;
            var two = new ParallelOptions
            {
                MaxDegreeOfParallelism = MaxRangesAtOnce,
                CancellationToken = stoppingToken,
            };
            await Parallel.ForEachAsync(Ranges(partitions), two, async (range, stop) =>
            {
                if (isShort |= IsMemoryShort())
                    return;
                Interlocked.Add(ref count, await ActivateRangeAsync(range.First, range.Count, stop));
            });
            if (isShort)
                LogStopped(log, count);
            else
                LogActivated(log, count, time.GetElapsedTime(startedAt).TotalSeconds);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
        catch (Exception exception) when (exception is StoreException or TimeoutException or OrleansException)
        {
            // Nothing is lost: the remaining states are read on the first call.
            LogFailed(log, exception, count);
        }

        return count;
    }

    private async Task<long> ActivateRangeAsync(int first, int count, CancellationToken stoppingToken)
    {
        for (var partition = first; partition < first + count; partition++)
            views.BeginWarming(partition);
        try
        {
            await WarmAsync(await KeysAsync(first, count, stoppingToken), stoppingToken);
            return await loader.LoadAsync<ResidentState>(
                ResidentGrain.TypeName,
                ResidentGrain.StateName,
                first,
                count,
                () => Offer,
                stoppingToken
            );
        }
        finally
        {
            for (var partition = first; partition < first + count; partition++)
                views.EndWarming(partition);
        }
    }

    private void Offer(GrainId grain, ResidentState state, long version) =>
        views.Offer(grain.GetGuidKey(), state, GridGrainStorage.Format(version));

    private async Task<List<GrainId>> KeysAsync(int first, int count, CancellationToken stoppingToken)
    {
        var keys = new List<GrainId>();
        await loader.LoadAsync(
            ResidentGrain.TypeName,
            ResidentGrain.StateName,
            first,
            count,
            () =>
                (grain, _, _) =>
                {
                    // Several parts are read in parallel.
                    lock (keys)
                        keys.Add(grain);
                },
            stoppingToken
        );
        return keys;
    }

    private Task WarmAsync(List<GrainId> keys, CancellationToken stoppingToken)
    {
        // GetGrain<T>(Guid) resolves type names on every call and costs 3 µs; with both types known it costs 0.2 µs.
        var residents = ((GrainReference)grains.GetGrain<IResidentGrain>(Guid.Empty)).InterfaceType;
        return Parallel.ForEachAsync(
            Enumerable.Range(0, MaxCallsInFlight),
            new ParallelOptions { MaxDegreeOfParallelism = MaxCallsInFlight, CancellationToken = stoppingToken },
            async (lane, stop) =>
            {
                for (var i = lane; i < keys.Count; i += MaxCallsInFlight)
                {
                    stop.ThrowIfCancellationRequested();
                    await WarmAsync((IResidentGrain)grains.GetGrain(keys[i], residents), stop);
                }
            }
        );
    }

    // On a busy machine the gate of a starting silo closes for moments: the preload waits for it.
    private async Task WarmAsync(IResidentGrain resident, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await resident.Warm();
                return;
            }
            catch (NotServingException) when (attempt < MaxGateAttempts)
            {
                await Task.Delay(GatePause, time, stop);
            }
        }
    }

    // Stay below the point at which Orleans sheds the longest idle activations.
    private static bool IsMemoryShort()
    {
        var memory = GC.GetGCMemoryInfo();
        return GC.GetTotalMemory(forceFullCollection: false) > memory.TotalAvailableMemoryBytes * MaxMemoryShare;
    }

    private const double MaxMemoryShare = 0.6;
    private const int MaxGateAttempts = 60;
    private static readonly TimeSpan GatePause = TimeSpan.FromMilliseconds(500);

    private static IEnumerable<(int First, int Count)> Ranges(int[] partitions)
    {
        for (var i = 0; i < partitions.Length; )
        {
            var end = i + 1;
            while (
                end < partitions.Length && partitions[end] == partitions[end - 1] + 1 && end - i < MaxPartitionsAtOnce
            )
                end++;
            yield return (partitions[i], end - i);
            i = end;
        }
    }

    [LoggerMessage(LogLevel.Information, "Activated {Residents} residents in {Seconds:F1} s")]
    private static partial void LogActivated(ILogger log, long residents, double seconds);

    [LoggerMessage(
        LogLevel.Warning,
        "Stopped the preload after {Residents} residents: memory is short. The others are read on demand"
    )]
    private static partial void LogStopped(ILogger log, long residents);

    [LoggerMessage(LogLevel.Warning, "Stopped the preload after {Residents} residents. The others are read on demand")]
    private static partial void LogFailed(ILogger log, Exception exception, long residents);
}
