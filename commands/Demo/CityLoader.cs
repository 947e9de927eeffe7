using Grid.Residents;
using Grid.Sampling;
using Grid.Venues;

namespace Grid.Commands.Demo;

/// <summary>The outcome of a load.</summary>
/// <param name="Written">Rows that were written.</param>
/// <param name="Present">Rows that existed and stayed unchanged.</param>
internal readonly record struct LoadReport(long Written, long Present);

/// <summary>
/// Fills a store with the city: directly, by partition, with many rows in flight so that they share commits. Existing
/// rows stay unchanged, so an interrupted load can run again.
/// </summary>
internal sealed class CityLoader(
    City city,
    CityStates states,
    IGrainStorage storage,
    TimeProvider time,
    ProgressLine progress
)
{
    /// <summary>Ranges of partitions that are filled in parallel; the store's default number of files.</summary>
    private const int Lanes = 4;

    /// <summary>Rows in flight per lane; far below the bound of the store's queue.</summary>
    private const int MaxInFlightPerLane = 1_024;

    private const int MaxAttempts = 5;
    private const int KeysPerChunk = 1 << 14;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private long _written;
    private long _present;

    /// <summary>Fills the store, and writes the lists that the load tool reads.</summary>
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

    // Store only a tube's first member: the tube can be recomputed from it.
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
        Exception? failure = null;
        for (int i = 0; i < numbers.Length && Volatile.Read(ref failure) is null; i++)
        {
            await free.WaitAsync(cancellation);
            _ = PutOneAsync(numbers.Span[i]);
        }

        for (int i = 0; i < MaxInFlightPerLane; i++)
            await free.WaitAsync(CancellationToken.None);
        if (failure is not null)
            throw failure;

        async Task PutOneAsync(int number)
        {
            try
            {
                await put(number);
                progress.Add(1);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, exception, null);
            }
            finally
            {
                free.Release();
            }
        }
    }

    // One word is both grain type and state name, as in the grains' [GrainType] and [PersistentState].
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
                // A full queue or a stalled disk. A repeat is safe even if the row was written: it is the same row.
                await Task.Delay(RetryPause * attempt, time);
            }
        }
    }
}
