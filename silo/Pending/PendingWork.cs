using Grid.Silo.Cluster;

namespace Grid.Silo.Pending;

/// <summary>
/// Resumes grains with pending work in the partitions that this silo takes, at its start or from a dead silo. A result
/// whose fan-out was interrupted reaches its remaining members without a new call.
/// </summary>
internal sealed partial class PendingWork : BackgroundService
{
    private readonly IPendingScan _scan;
    private readonly IGrainFactory _grains;
    private readonly TimeProvider _time;
    private readonly ILogger<PendingWork> _log;
    private readonly IGate? _gate;

    private readonly HashSet<int> _partitions = [];
    private TaskCompletionSource _taken = new();

    public PendingWork(
        IPendingScan scan,
        IGrainFactory grains,
        IPartitionsTaken partitions,
        TimeProvider time,
        ILogger<PendingWork> log,
        IGate? gate = null
    )
    {
        (_scan, _grains, _time, _log, _gate) = (scan, grains, time, log, gate);
        partitions.Taken += Add;
    }

    private const int Parallel = 32;
    private const int MaxRetries = 5;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _taken.Task.WaitAsync(stoppingToken);
                // Continue outside the signalling call.
                await Task.Yield();
                await FinishAsync(stoppingToken);
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Grain calls fail while the host stops.
        }
    }

    private void Add(int[] partitions)
    {
        TaskCompletionSource taken;
        lock (_partitions)
        {
            _partitions.UnionWith(partitions);
            taken = _taken;
        }

        taken.TrySetResult();
    }

    // Completes when every grain is finished or given up.
    private async Task FinishAsync(CancellationToken stopping)
    {
        HashSet<int> own;
        lock (_partitions)
        {
            own = [.. _partitions];
            _partitions.Clear();
            _taken = new TaskCompletionSource();
        }

        var running = new List<Task>(Parallel);
        var count = 0;
        try
        {
            await foreach (var grain in _scan.PendingAsync(stopping))
            {
                if (!own.Contains(GrainPartition.Of(grain)))
                    continue;
                if (running.Count == Parallel)
                    running.Remove(await Task.WhenAny(running));
                running.Add(ResumeAsync(grain, stopping));
                count++;
            }
        }
        catch (StoreException exception)
        {
            LogScanFailed(_log, exception);
        }
        await Task.WhenAll(running);
        if (count > 0)
            LogResumed(_log, count);
    }

    private async Task ResumeAsync(GrainId grain, CancellationToken stopping)
    {
        for (var attempt = 1; ; attempt++)
        {
            while (_gate is { IsOpen: false })
                await Task.Delay(RetryPause, _time, stopping);
            try
            {
                await _grains.GetGrain<IResumable>(grain).Resume();
                return;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                if (attempt >= MaxRetries)
                {
                    LogGaveUp(_log, grain.Type.ToString()!, exception);
                    return;
                }
            }
            await Task.Delay(RetryPause, _time, stopping);
        }
    }

    [LoggerMessage(LogLevel.Information, "Resumed pending work of {Count} grains")]
    private static partial void LogResumed(ILogger log, int count);

    [LoggerMessage(LogLevel.Error, "Could not scan for pending work; each grain finishes its work on its next call")]
    private static partial void LogScanFailed(ILogger log, Exception exception);

    [LoggerMessage(LogLevel.Error, "Could not finish the pending work of a grain of type {GrainType}")]
    private static partial void LogGaveUp(ILogger log, string grainType, Exception exception);
}
