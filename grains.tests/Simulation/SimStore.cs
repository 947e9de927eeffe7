using System.Globalization;
using System.Runtime.CompilerServices;
using Grid.Engine.Runtime;
using Grid.Scans;
using Grid.Silo.Stores;

namespace Grid.Tests.Simulation;

/// <summary>The store as one process sees it: the units that it has opened, each under an epoch.</summary>
internal sealed class SimStore(SimDisk disk, SimProcess process) : IGrainStorage, IVisitLog, IPendingScan, IPartitionLoader
{
    private const int LoaderChunk = 3;

    // As a connection to a database gives up.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(700);

    private readonly SimLane?[] _lanes = new SimLane?[disk.Units];
    private readonly Dictionary<(GrainType, string), string> _tables = [];

    internal int Units => disk.Units;

    internal bool IsServer => disk.Weather.IsServer;

    /// <summary>Raised when a write met the epoch of a newer owner.</summary>
    internal event Action<int>? Fenced;

    /// <summary>The epoch that the store has of a unit.</summary>
    internal long EpochOf(int unit) => disk[unit].Epoch;

    /// <summary>Opens every unit as its only owner, as a lone silo does.</summary>
    internal void OpenAll()
    {
        for (var unit = 0; unit < disk.Units; unit++)
            Open(unit, disk[unit].Epoch + 1);
    }

    /// <summary>Opens a unit under an owner's epoch, which fences older owners.</summary>
    /// <exception cref="StoreException">A newer owner has it, or another process is in the middle of a transaction.</exception>
    internal void Open(int unit, long epoch)
    {
        if (_lanes[unit] is not null)
            throw new InvalidOperationException($"Unit {unit} is open already.");
        var target = disk[unit];
        if (!disk.Weather.IsServer && target.IsWrittenBy(null))
            throw new StoreException(StoreFaults.Unavailable, $"The simulated unit {unit} is locked.");
        if (target.Epoch > epoch)
            throw new StoreException(StoreFaults.Fenced, $"The simulated unit {unit} belongs to epoch {target.Epoch}; this owner's is {epoch}.");
        target.Claim(epoch);
        _lanes[unit] = new SimLane(disk, target, process, epoch, () => Fenced?.Invoke(unit));
        disk.World.Log.Say($"{process.Name} opens unit {unit} under {epoch}");
    }

    /// <summary>Writes what waits for a unit, and gives it up.</summary>
    internal Task Close(int unit)
    {
        var lane = _lanes[unit];
        _lanes[unit] = null;
        disk.World.Log.Say($"{process.Name} closes unit {unit}");
        return lane?.DrainAsync() ?? Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var unit = UnitOf(grainId);
        Lane(unit);
        if (disk.Weather.IsServer)
        {
            await Travel();
            if (process.IsCutOff())
            {
                await Task.Delay(s_patience, process.Clock);
                throw new StoreException(StoreFaults.Unavailable, "The simulated server can't be reached.");
            }
        }

        if (disk.Random.Chance(disk.Weather.ReadFails))
            throw new StoreException(StoreFaults.Unavailable, "The simulated store could not be read.");
        var row = disk[unit].Find(TableOf(grainId.Type, stateName), grainId.Key.Inner);
        if (row?.Bytes is { } bytes)
            grainState.State = Codec<T>.Decode(bytes)!;
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
        var parts = visits.Index().GroupBy(each => disk.UnitOf(VisitShards.PartitionOf(each.Item.ScanId)))
            .Select(part => (Indexes: part.Select(each => each.Index).ToArray(), Write: Append(part.Key, [.. part.Select(each => each.Item)])))
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
    public async IAsyncEnumerable<GrainId> PendingAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (var unit = 0; unit < disk.Units; unit++)
        {
            if (_lanes[unit] is null)
                continue;
            foreach (var (table, rows) in disk[unit].Tables.ToArray())
            {
                GrainKey[] found = [.. rows.Where(static row => row.Value.Pending).Select(static row => row.Key)];
                foreach (var key in found)
                    yield return new GrainId(GrainType.Create(table[..table.IndexOf(':', StringComparison.Ordinal)]), new IdSpan(key));
                cancellation.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }

    /// <inheritdoc/>
    public async Task<long> LoadAsync<T>(
        string grainType, string stateName, int firstPartition, int partitions, Func<StateSink<T>> begin, CancellationToken cancellation = default)
    {
        var loaded = 0L;
        var type = GrainType.Create(grainType);
        for (var unit = 0; unit < disk.Units; unit++)
        {
            if (!disk[unit].Tables.TryGetValue(TableOf(type, stateName), out var rows))
                continue;
            foreach (var chunk in rows.Where(row => row.Key.Partition >= firstPartition && row.Key.Partition < firstPartition + partitions)
                         .OrderBy(static row => (row.Key.High, row.Key.Low)).ToArray().Chunk(LoaderChunk))
            {
                Lane(unit);
                var sink = begin();
                var read = chunk.Select(row => (row.Key, Row: rows[row.Key])).ToArray();
                await Travel();
                cancellation.ThrowIfCancellationRequested();
                foreach (var (key, row) in read.Where(static each => each.Row.Bytes is not null))
                {
                    sink(new GrainId(type, new IdSpan(key)), Codec<T>.Decode(row.Bytes!)!, row.Version);
                    loaded++;
                }
            }
        }

        return loaded;
    }

    private async Task<VisitReceipt[]> Append(int unit, Visit[] visits)
    {
        var write = new SimVisitsWrite(visits);
        Lane(unit).Enqueue(write);
        return await write.Done;
    }

    private Task Write<T>(string stateName, GrainId grainId, IGrainState<T> grainState, bool clear)
    {
        var write = new SimStateWrite<T>(TableOf(grainId.Type, stateName), grainId.Key.Inner, grainState, clear);
        try
        {
            Lane(UnitOf(grainId)).Enqueue(write);
            return write.Done;
        }
        catch (StoreException fault)
        {
            return Task.FromException(fault);
        }
    }

    private Task Travel() => Task.Delay(new TimeSpan(disk.Random.Ticks(0.1, 2)), process.Clock);

    private int UnitOf(GrainId grainId) => disk.UnitOf(grainId.Key.Inner.Partition);

    private SimLane Lane(int unit) => _lanes[unit]
        ?? throw new StoreException(StoreFaults.NotOwned, $"The simulated unit {unit} is not owned by this process.");

    private string TableOf(GrainType type, string stateName)
    {
        if (!_tables.TryGetValue((type, stateName), out var table))
            _tables.Add((type, stateName), table = $"{type}:{stateName}");
        return table;
    }
}
