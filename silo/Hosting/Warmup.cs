using Grid.Codec;
using Grid.Engine.Hosting;
using Grid.Residents;
using Grid.Silo.Stores;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Hosting;

/// <summary>
/// Brings every resident of the silo's partitions into memory in bulk, beside the calls that it serves: a resident who
/// calls before it is through is read on demand.
/// </summary>
public sealed partial class Warmup(
    IPartitionLoader loader,
    IGrainPreloader preloader,
    IOptions<SiloOptions> options,
    TimeProvider time,
    ILogger<Warmup> log) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => LoadAsync(stoppingToken);

    /// <summary>Reads them all; completes when it is through.</summary>
    internal async Task LoadAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Preload)
            return;
        // The host goes on starting; the files are open since before this service.
        await Task.Yield();
        var from = time.GetTimestamp();
        try
        {
            var residents = await loader.LoadAsync<ResidentState>(
                ResidentGrain.TypeName, ResidentGrain.StateName, 0, Partitions.Count, Begin, stoppingToken);
            LogLoaded(log, residents, time.GetElapsedTime(from).TotalSeconds);
        }
        catch (Exception fault) when (fault is StoreException)
        {
            // Nothing is lost by it: residents are read when they are first called.
            LogNotLoaded(log, fault);
        }
    }

    // A resident who was read, changed and dropped meanwhile must not come back as they were: the mark is older than the read.
    private StateSink<ResidentState> Begin()
    {
        var mark = preloader.Mark();
        return (grain, state, version) => preloader.Preload(grain, ResidentGrain.StateName, state, version, mark);
    }

    [LoggerMessage(LogLevel.Information, "Brought {Residents} residents into memory in {Seconds:F1} s")]
    private static partial void LogLoaded(ILogger log, long residents, double seconds);

    [LoggerMessage(LogLevel.Warning, "Could not bring all residents into memory; the others are read on demand")]
    private static partial void LogNotLoaded(ILogger log, Exception fault);
}
