using System.Collections.Concurrent;
using Grid.Engine.Cluster;
using Grid.Silo.Cluster;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;
using Grid.Tests.Fixtures;
using Grid.Tests.Stores;

namespace Grid.Tests.Cluster;

/// <summary>Units of a cluster in PostgreSQL: who opened one last has it.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresUnitsTests(PostgresServer server) : IDisposable
{
    private const int Unit = 3;
    private const int PartitionOfUnit = 3 * 16 + 5;

    private readonly PostgresHouse? _house = PostgresServer.Binaries is null ? null : new PostgresHouse(server) { Epochs = new PartitionEpochs() };

    [PostgresFact]
    public async Task Nothing_is_read_or_written_of_a_unit_that_is_not_open()
    {
        var units = Open();
        Assert.Equal(64, units.Units);
        var grain = StoreHouse.InPartition(PartitionOfUnit, 1);
        await NotOwned(() => _house!.Write(grain, StoreHouse.New("early")));
        await NotOwned(() => _house!.Read(grain));
        await units.OpenAsync(Unit, 1, default);
        await _house!.Write(grain, StoreHouse.New("kept"));
        await NotOwned(() => _house.Read(StoreHouse.InPartition(PartitionOfUnit + 16, 1)));
        await units.CloseAsync(Unit);
        await units.CloseAsync(Unit);
        await NotOwned(() => _house.Write(grain, StoreHouse.New("late")));
        await NotOwned(() => _house.Read(grain));
        await units.OpenAsync(Unit, 2, default);
        Assert.Equal("kept", (await _house.Read(grain)).State!.Text);
    }

    [PostgresFact]
    public async Task An_owner_that_was_replaced_is_refused_and_told_which_unit_it_lost()
    {
        var units = Open();
        var lost = new ConcurrentBag<int>();
        units.Fenced += lost.Add;
        await units.OpenAsync(Unit, 4, default);
        await units.OpenAsync(Unit + 1, 4, default);
        var (grain, neighbour) = (StoreHouse.InPartition(PartitionOfUnit, 1), StoreHouse.InPartition(PartitionOfUnit + 16, 1));
        var (state, other) = (StoreHouse.New("old"), StoreHouse.New("old"));
        await _house!.Write(grain, state);
        await _house.Write(neighbour, other);

        var epochs = new PartitionEpochs();
        using var newer = _house.Another(epochs);
        await new PostgresUnits(newer, epochs).OpenAsync(Unit, 5, default);
        var fault = await Assert.ThrowsAsync<StoreException>(() => _house.Write(grain, state));
        Assert.Equal(StoreFaults.Fenced, fault.Code);
        await _house.Write(neighbour, other);
        Assert.Equal([Unit], lost.Distinct());
        var states = new GridGrainStorage(newer);
        var read = new GrainState<Note>();
        await states.ReadStateAsync("note", grain, read);
        await states.WriteStateAsync("note", grain, read);

        await units.CloseAsync(Unit);
        var late = await Assert.ThrowsAsync<EpochFencedException>(() => units.OpenAsync(Unit, 4, default));
        Assert.Equal(5, late.Stored);
        await units.OpenAsync(Unit, 6, default);
    }

    [PostgresFact]
    public async Task What_waits_for_a_unit_that_closes_is_written_before_the_next_owner_reads()
    {
        _house!.UseOneWriter();
        var units = Open();
        await units.OpenAsync(Unit, 1, default);
        var grains = Enumerable.Range(0, 50).Select(number => StoreHouse.InPartition(PartitionOfUnit, number)).ToArray();
        Task[] writes;
        Task closing;
        using (var stop = _house.Stop())
        {
            writes = [.. grains.Select(grain => _house.Write(grain, StoreHouse.New("waited")))];
            closing = units.CloseAsync(Unit);
            await stop.While([.. writes, closing]);
        }

        var epochs = new PartitionEpochs();
        using var next = _house.Another(epochs);
        await new PostgresUnits(next, epochs).OpenAsync(Unit, 2, default);
        var states = new GridGrainStorage(next);
        foreach (var grain in grains)
        {
            var read = new GrainState<Note>();
            await states.ReadStateAsync("note", grain, read).WaitAsync(StoreHouse.Patience);
            Assert.Equal("waited", read.State!.Text);
        }
    }

    public void Dispose() => _house?.Dispose();

    private PostgresUnits Open()
    {
        _house!.Open();
        return new PostgresUnits(_house.Store, _house.Epochs!);
    }

    private static async Task NotOwned(Func<Task> call)
    {
        var fault = await Assert.ThrowsAsync<StoreException>(call);
        Assert.Equal(StoreFaults.NotOwned, fault.Code);
    }
}
