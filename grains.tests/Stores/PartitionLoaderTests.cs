using System.Collections.Concurrent;
using Grid.Silo.Stores;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Stores;

public abstract class PartitionLoaderTests : IDisposable
{
    private readonly StoreHouse _house;

    private protected PartitionLoaderTests(StoreHouse house) => _house = house.Open();

    [StoreFact]
    public async Task Every_state_of_a_range_is_loaded_once_and_none_of_its_neighbours()
    {
        int[] partitions = [0, 1, 255, 256, 511, 512, 700, 1_022, 1_023];
        foreach (var partition in partitions)
        {
            for (var number = 0; number < 30; number++)
                await _house.Write(StoreHouse.InPartition(partition, number), StoreHouse.New($"{partition}/{number}"));
        }

        foreach (
            var (first, count) in new[] { (0, 1_024), (0, 1), (1, 255), (256, 257), (512, 512), (1_023, 1), (300, 100) }
        )
        {
            var loaded = await Load(first, count);
            var expected = partitions
                .Where(partition => partition >= first && partition < first + count)
                .SelectMany(partition =>
                    Enumerable
                        .Range(0, 30)
                        .Select(number => (StoreHouse.InPartition(partition, number), $"{partition}/{number}", 1L))
                );
            Assert.Equal(expected.ToHashSet(), loaded.ToHashSet());
            Assert.Equal(loaded.Count, loaded.Distinct().Count());
        }
    }

    [StoreFact]
    public async Task More_states_than_a_chunk_are_loaded_with_versions_and_without_cleared_ones()
    {
        const int Count = 5_000;
        var states = new GrainState<Note>[Count];
        await Task.WhenAll(
            Enumerable
                .Range(0, Count)
                .Select(number =>
                    _house.Write(GrainId.Create("note", $"key {number}"), states[number] = StoreHouse.New($"{number}"))
                )
        );
        await _house.Write(GrainId.Create("note", "key 7"), states[7]);
        await _house.States.ClearStateAsync("note", GrainId.Create("note", "key 8"), states[8]);

        var loaded = (await Load(0, 1_024)).ToDictionary(row => row.Grain.Key.ToString()!);
        Assert.Equal(Count - 1, loaded.Count);
        Assert.Equal(("7", 2L), (loaded["key 7"].Text, loaded["key 7"].Version));
        Assert.False(loaded.ContainsKey("key 8"));
    }

    [StoreFact]
    public async Task A_commit_at_the_start_of_a_part_is_included_in_it()
    {
        var grain = StoreHouse.InPartition(7, 1);
        var state = StoreHouse.New("before");
        await _house.Write(grain, state);
        state.State!.Text = "after";
        // Loads one partition: the sink is created once.
        var read = new List<(string, long)>();
        await _house.Loader.LoadAsync<Note>("note", "note", 7, 1, Begin).WaitAsync(StoreHouse.Patience);
        Assert.Equal([("after", 2L)], read);

        StateSink<Note> Begin()
        {
            _house.Write(grain, state).GetAwaiter().GetResult();
            return (_, note, version) => read.Add((note.Text, version));
        }
    }

    [StoreFact]
    public async Task Loading_an_unused_state_name_returns_nothing()
    {
        foreach (var partitions in new[] { 1_024, 16 })
            Assert.Equal(
                0,
                await _house.Loader.LoadAsync<Note>("unheard", "of", 0, partitions, static () =>
                    static (_, _, _) => { }
                )
            );
    }

    [StoreFact]
    public async Task An_invalid_row_is_reported_as_damaged()
    {
        var grain = StoreHouse.Fresh();
        await _house.States.WriteStateAsync("note", grain, new GrainState<byte[]>([0xFF, 0xFF, 0xFF, 0xFF]));
        var exception = await Assert.ThrowsAsync<StoreException>(() => Load(0, 1_024));
        Assert.Equal(StoreErrorCodes.Damaged, exception.Code);
        exception = await Assert.ThrowsAsync<StoreException>(() => _house.Read(grain));
        Assert.Equal(StoreErrorCodes.Damaged, exception.Code);
    }

    public void Dispose()
    {
        _house.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<List<(GrainId Grain, string Text, long Version)>> Load(int first, int count)
    {
        var rows = new ConcurrentBag<(GrainId, string, long)>();
        var told = await _house
            .Loader.LoadAsync<Note>("note", "note", first, count, () =>
                (grain, note, version) => rows.Add((grain, note.Text, version))
            )
            .WaitAsync(StoreHouse.Patience);
        Assert.Equal(rows.Count, told);
        return [.. rows];
    }
}

/// <inheritdoc cref="PartitionLoaderTests"/>
public sealed class SqlitePartitionLoaderTests() : PartitionLoaderTests(new SqliteHouse());
