using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

public sealed partial class StateTests
{
    [Fact]
    public async Task A_state_is_loaded_before_the_first_call_and_written_with_its_version()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ICounterGrain>();
        silo.Storage.Put("counter", grain.GetGrainId(), new CounterState { Value = 41 }, version: 7);
        Assert.Equal(41, await Within(grain.Value().AsTask(), "first call"));
        Assert.Equal("7", await grain.Etag());
        Assert.Equal(42, await Within(grain.Add(1), "write"));
        Assert.Equal("8", await grain.Etag());
        Assert.Equal("nothing noted", await grain.Note());
    }

    [Fact]
    public async Task What_was_never_stored_is_a_new_state_without_a_version()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ICounterGrain>();
        Assert.Equal(0, await Within(grain.Value().AsTask(), "first call"));
        Assert.Null(await grain.Etag());
    }

    [Fact]
    public async Task A_cleared_state_is_new_again()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ICounterGrain>();
        await Within(grain.Add(5), "write");
        Assert.False(await Within(grain.Clear(), "clear"));
        Assert.Equal(0, await grain.Value());
        Assert.Null(await grain.Etag());
        Assert.Equal(2, await Within(grain.Add(2), "write again"));
    }

    [Fact]
    public async Task A_write_that_meets_another_version_drops_the_activation_and_the_next_call_reads_again()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ICounterGrain>();
        await Within(grain.Add(1), "write");
        silo.Storage.Put("counter", grain.GetGrainId(), new CounterState { Value = 100 }, version: 9);
        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => Within(grain.Add(1), "conflict"));
        Assert.Equal("9", error.StoredEtag);
        Assert.Equal("1", error.CurrentEtag);
        Assert.Equal(100, await Within(grain.Value().AsTask(), "next call"));
        Assert.Equal(101, await Within(grain.Add(1), "next write"));
    }

    [Fact]
    public async Task A_conflict_that_the_grain_handles_itself_does_not_drop_it()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ICounterGrain>();
        await Within(grain.Add(1), "write");
        var reads = silo.Storage.Reads;
        silo.Storage.Put("counter", grain.GetGrainId(), new CounterState { Value = 100 }, version: 9);
        Assert.False(await Within(grain.TryAdd(1), "conflict"));
        Assert.Equal(100, await grain.Value());
        Assert.Equal(reads + 1, silo.Storage.Reads);
    }

    [Fact]
    public async Task A_store_that_fails_a_read_fails_the_call_and_not_the_next()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ICounterGrain>();
        silo.Storage.Before = static () => Task.FromException(new IOException("The disk is away."));
        var read = await Assert.ThrowsAsync<OrleansException>(() => Within(grain.Value().AsTask(), "failing call"));
        Assert.IsType<IOException>(read.InnerException);
        silo.Storage.Before = static () => Task.CompletedTask;
        Assert.Equal(3, await Within(grain.Add(3), "next call"));
    }

    [Fact]
    public async Task A_fault_of_the_grids_own_stores_reaches_the_caller_as_it_is()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ICounterGrain>();
        silo.Storage.Before = static () => Task.FromException(new StoreException(StoreFaults.Unavailable, "The disk is away."));
        var read = await Assert.ThrowsAsync<StoreException>(() => Within(grain.Value().AsTask(), "failing read"));
        Assert.Equal((StoreFaults.Unavailable, "The disk is away."), (read.Code, read.Message));
        silo.Storage.Before = static () => Task.CompletedTask;
        await Within(grain.Value().AsTask(), "next call");
        silo.Storage.Before = static () => Task.FromException(new StoreException(StoreFaults.Full, "The disk is full."));
        var written = await Assert.ThrowsAsync<StoreException>(() => Within(grain.Add(3), "failing write"));
        Assert.Equal(StoreFaults.Full, written.Code);
    }
}
