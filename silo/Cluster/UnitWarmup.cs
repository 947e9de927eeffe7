using Grid.Engine.Cluster;
using Grid.Engine.Hosting;
using Grid.Residents;
using Grid.Silo.Hosting;
using Grid.Silo.Stores;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Cluster;

/// <summary>
/// Brings the residents of a unit that the silo has taken over into memory in bulk, beside the calls that it serves: a resident
/// who calls before is read on demand.
/// </summary>
internal sealed partial class UnitWarmup(
    IPartitionLoader loader, IGrainPreloader preloader, IOptions<SiloOptions> options, TimeProvider time, ILogger<UnitWarmup> log) : IUnitTenant
{
    private readonly UnitTurns _turns = new();

    /// <inheritdoc/>
    public Task RunAsync(int unit, int firstPartition, int partitions, CancellationToken owned) =>
        options.Value.Preload
            ? _turns.RunAsync(() => LoadAsync(unit, firstPartition, partitions, owned), owned)
            : Task.CompletedTask;

    private async Task LoadAsync(int unit, int firstPartition, int partitions, CancellationToken owned)
    {
        await Task.Yield();
        var from = time.GetTimestamp();
        try
        {
            var residents = await loader.LoadAsync<ResidentState>(
                ResidentGrain.TypeName, ResidentGrain.StateName, firstPartition, partitions, Begin, owned);
            LogLoaded(log, residents, unit, time.GetElapsedTime(from).TotalSeconds);
        }
        catch (StoreException fault) when (!owned.IsCancellationRequested)
        {
            LogNotLoaded(log, unit, fault);
        }
        catch (StoreException)
        {
            // The unit was given up in the middle of it.
        }
    }

    private StateSink<ResidentState> Begin()
    {
        var mark = preloader.Mark();
        return (grain, state, version) => preloader.Preload(grain, ResidentGrain.StateName, state, version, mark);
    }

    [LoggerMessage(LogLevel.Information, "Brought {Residents} residents of unit {Unit} into memory in {Seconds:F1} s")]
    private static partial void LogLoaded(ILogger log, long residents, int unit, double seconds);

    [LoggerMessage(LogLevel.Warning, "Could not bring all residents of unit {Unit} into memory; the others are read on demand")]
    private static partial void LogNotLoaded(ILogger log, int unit, Exception fault);
}
