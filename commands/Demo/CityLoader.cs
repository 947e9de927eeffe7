using Grid.Residents;
using Grid.Sampling;
using Grid.Venues;

namespace Grid.Commands.Demo;

/// <summary>What a load did.</summary>
/// <param name="Written">Rows that were not there before.</param>
/// <param name="Present">Rows that were there and stayed as they were.</param>
internal readonly record struct LoadReport(long Written, long Present);

/// <summary>
/// Fills a store with the city: straight into the store, by partition, many rows on their way at once so that they
/// share commits. A row that is there stays as it is, so an interrupted load is simply run again.
/// </summary>
internal sealed class CityLoader(
    City city,
    CityStates states,
    IGrainStorage storage,
    TimeProvider time,
    ProgressLine progress
)
{
    /// <summary>Ranges of partitions that are filled side by side; as many as the store has files by default.</summary>
    private const int Lanes = 4;

    /// <summary>Rows of a lane that wait for their commit; far below what the store's queue takes.</summary>
    private const int MaxInFlightPerLane = 1_024;

    private const int MaxAttempts = 5;
    private const int KeysPerChunk = 1 << 14;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private long _written;
    private long _present;

    /// <summary>Fills the store, and leaves the lists that the load tool reads.</summary>
    public async Task<LoadReport> RunAsync(DemoFolder folder, CancellationToken cancellation)
    {
        await WriteVenuesAsync(folder, cancellation);
        PartitionOrder residents = await ListResidentsAsync(folder, cancellation);
        await PutAllAsync("residents", residents, PutResident, cancellation);
        (PartitionOrder order, List<int> firstMembers) = ListTubes();
        await PutAllAsync("tubes", order, number => PutTube(firstMembers[number]), cancellation);
        return new LoadReport(_written, _present);
    }

    private Task PutResident(int index) => PutAsync("resident", $"{states.KeyOf(index):N}", states.ResidentOf(index));

    private Task PutTube(int firstMember)
    {
        Tube tube = city.TubeOf(firstMember)!;
        return PutAsync("tube", tube.TubeId, states.StateOf(tube));
    }

    private async Task WriteVenuesAsync(DemoFolder folder, CancellationToken cancellation)
    {
        await using StreamWriter list = folder.CreateVenueList();
        foreach (Door door in city.Venues())
        {
            await PutAsync("venue", door.VenueId, new VenueState { Venue = door.Venue });
            await list.WriteLineAsync(door.VenueId.AsMemory(), cancellation);
        }
    }

    private async Task<PartitionOrder> ListResidentsAsync(DemoFolder folder, CancellationToken cancellation)
    {
        var partitions = new ushort[city.ResidentCount];
        var keys = new Guid[KeysPerChunk];
        progress.Begin("keys", city.ResidentCount);
        await using (StreamWriter list = folder.CreateResidentList())
        {
            for (int start = 0; start < city.ResidentCount; start += KeysPerChunk)
            {
                int from = start,
                    count = Math.Min(KeysPerChunk, city.ResidentCount - start);
                Parallel.For(0, count, i =>
                    partitions[from + i] = (ushort)Partitions.Of(keys[i] = states.KeyOf(from + i))
                );
                for (int i = 0; i < count; i++)
                    await list.WriteLineAsync(keys[i].ToString().AsMemory(), cancellation);
                progress.Add(count);
            }
        }

        progress.End();
        return new PartitionOrder(partitions);
    }

    // A tube is remembered by its first member, of which it can be made again.
    private (PartitionOrder Order, List<int> FirstMembers) ListTubes()
    {
        var firstMembers = new List<int>();
        var partitions = new List<ushort>();
        foreach (Tube tube in city.Tubes())
        {
            firstMembers.Add(tube.Members[0]);
            partitions.Add((ushort)Partitions.Of(tube.TubeId));
        }

        return (new PartitionOrder(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(partitions)), firstMembers);
    }

    private async Task PutAllAsync(
        string what,
        PartitionOrder order,
        Func<int, Task> put,
        CancellationToken cancellation
    )
    {
        progress.Begin(what, order.Count);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Lanes, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, Lanes), options, async (lane, stop) =>
            await PutLaneAsync(order.Range(lane, Lanes), put, stop)
        );
        progress.End();
    }

    private async Task PutLaneAsync(ReadOnlyMemory<int> numbers, Func<int, Task> put, CancellationToken cancellation)
    {
        using var free = new SemaphoreSlim(MaxInFlightPerLane);
        Exception? fault = null;
        for (int i = 0; i < numbers.Length && Volatile.Read(ref fault) is null; i++)
        {
            await free.WaitAsync(cancellation);
            _ = PutOneAsync(numbers.Span[i]);
        }

        for (int i = 0; i < MaxInFlightPerLane; i++)
            await free.WaitAsync(CancellationToken.None);
        if (fault is not null)
            throw fault;

        async Task PutOneAsync(int number)
        {
            try
            {
                await put(number);
                progress.Add(1);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref fault, e, null);
            }
            finally
            {
                free.Release();
            }
        }
    }

    // Grain types and state names are those of the grains' [GrainType] and [PersistentState]: the same word for both.
    private async Task PutAsync<T>(string name, string key, T state)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await storage.WriteStateAsync(name, GrainId.Create(name, key), new GrainState<T>(state));
                Interlocked.Increment(ref _written);
                return;
            }
            catch (InconsistentStateException)
            {
                Interlocked.Increment(ref _present);
                return;
            }
            catch (Exception) when (attempt < MaxAttempts)
            {
                // A full queue or a stalled disk. Whether the row was written does not matter: it is the same row.
                await Task.Delay(RetryPause * attempt, time);
            }
        }
    }
}
