using System.Globalization;
using System.Runtime.CompilerServices;
using Grid.Scans;
using Grid.Silo.Stores;

namespace Grid.Tests.Simulation;

/// <summary>One process's view of the store, behind the product's store interfaces.</summary>
internal sealed class SimStore(SimDisk disk, SimProcess process) : IGrainStorage, IVisitLog, IPendingScan
{
    // The connection time-out of a database.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    private readonly SimLane?[] _lanes = new SimLane?[disk.Units];
    private readonly Dictionary<(GrainType, string), string> _tables = [];

    /// <summary>Completes when all writes are done.</summary>
    internal Task DrainAsync() => Task.WhenAll(_lanes.Select(static lane => lane?.DrainAsync() ?? Task.CompletedTask));

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (disk.Weather.IsServer)
        {
            await Travel();
            if (process.IsCutOff())
            {
                await Task.Delay(Patience, process.Clock);
                throw new StoreException(StoreErrorCodes.Unavailable, "The simulated server can't be reached.");
            }
        }

        if (disk.Random.Chance(disk.Weather.ReadFails))
            throw new StoreException(StoreErrorCodes.Unavailable, "The simulated store could not be read.");
        var row = disk[UnitOf(grainId)].Find(TableOf(grainId.Type, stateName), KeyOf(grainId));
        if (row?.Bytes is { } bytes)
            grainState.State = StateBytes.Decode<T>(bytes);
        grainState.RecordExists = row?.Bytes is not null;
        grainState.ETag = row?.Bytes is null ? null : row.Version.ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Write(stateName, grainId, grainState, clear: false);

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Write(stateName, grainId, grainState, clear: true);

    /// <inheritdoc/>
    public async ValueTask<VisitReceipt> AppendAsync(Visit visit, CancellationToken cancellation = default) =>
        (await AppendManyAsync([visit], cancellation))[0];

    /// <inheritdoc/>
    public async ValueTask<VisitReceipt[]> AppendManyAsync(Visit[] visits, CancellationToken cancellation = default)
    {
        var receipts = new VisitReceipt[visits.Length];
        var parts = visits
            .Index()
            .GroupBy(each => disk.UnitOf(VisitShards.PartitionOf(each.Item.ScanId)))
            .Select(part =>
                (
                    Indexes: part.Select(each => each.Index).ToArray(),
                    Write: Append(part.Key, [.. part.Select(each => each.Item)])
                )
            )
            .ToArray();
        foreach (var (indexes, write) in parts)
        {
            var answers = await write;
            for (var i = 0; i < indexes.Length; i++)
                receipts[indexes[i]] = answers[i];
        }

        return receipts;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GrainId> PendingAsync(
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        for (var unit = 0; unit < disk.Units; unit++)
        {
            foreach (var (table, rows) in disk[unit].Tables.ToArray())
            {
                string[] found = [.. rows.Where(static row => row.Value.Pending).Select(static row => row.Key)];
                foreach (var key in found)
                    yield return GrainId.Create(table[..table.IndexOf(':', StringComparison.Ordinal)], key);
                cancellation.ThrowIfCancellationRequested();
                await Travel();
            }
        }
    }

    private async Task<VisitReceipt[]> Append(int unit, Visit[] visits)
    {
        var write = new SimVisitsWrite(visits);
        Lane(unit).Enqueue(write);
        return await write.Done;
    }

    private Task Write<T>(string stateName, GrainId grainId, IGrainState<T> grainState, bool clear)
    {
        var write = new SimStateWrite<T>(TableOf(grainId.Type, stateName), KeyOf(grainId), grainState, clear);
        try
        {
            Lane(UnitOf(grainId)).Enqueue(write);
            return write.Done;
        }
        catch (StoreException exception)
        {
            return Task.FromException(exception);
        }
    }

    private Task Travel() => Task.Delay(new TimeSpan(disk.Random.Ticks(0.1, 2)), process.Clock);

    private int UnitOf(GrainId grain) => disk.UnitOf(PartitionOf(grain));

    private static int PartitionOf(GrainId grain) => StateKey.Of(grain).Partition;

    private static string KeyOf(GrainId grain) => grain.Key.ToString()!;

    private SimLane Lane(int unit) => _lanes[unit] ??= new SimLane(disk, disk[unit], process);

    private string TableOf(GrainType type, string stateName)
    {
        if (!_tables.TryGetValue((type, stateName), out var table))
            _tables.Add((type, stateName), table = $"{type}:{stateName}");
        return table;
    }
}
