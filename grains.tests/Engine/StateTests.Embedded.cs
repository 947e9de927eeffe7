using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>States that came with a bulk load, which is the embedded engine's own.</summary>
public sealed partial class StateTests
{
    private static readonly TimeSpan s_beyondAge = TimeSpan.FromHours(2);

    [Fact]
    public async Task A_preloaded_grain_reads_only_what_was_not_given()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ICounterGrain>();
        var id = grain.GetGrainId();
        silo.Storage.Put("counter", id, new CounterState { Value = 3 }, version: 4);
        var mark = silo.Preloader.Mark();
        Assert.True(silo.Preloader.Preload(id, "counter", new CounterState { Value = 3 }, version: 4, mark));
        Assert.False(silo.Preloader.Preload(id, "counter", new CounterState { Value = 9 }, version: 5, mark));
        Assert.Equal(3, await Within(grain.Value().AsTask(), "first call"));
        Assert.Equal(1, silo.Storage.Reads);
        Assert.Equal("4", await grain.Etag());
        Assert.Equal(4, await Within(grain.Add(1), "write"));
    }

    [Fact]
    public async Task What_was_read_in_bulk_before_a_grain_wrote_and_left_does_not_come_back()
    {
        await using var silo = await StartAsync(setup => setup.CollectionAge = s_beyondAge / 4);
        var grain = silo.Fresh<ICounterGrain>();
        var id = grain.GetGrainId();
        Assert.Equal(1, await Within(grain.Add(1), "first write"));
        // A bulk load reads version 1 ...
        var mark = silo.Preloader.Mark();
        var read = new CounterState { Value = 1 };
        // ... and the grain writes version 2 and leaves memory before that arrives.
        Assert.Equal(2, await Within(grain.Add(1), "second write"));
        silo.Advance(s_beyondAge);
        Assert.False(silo.Preloader.Preload(id, "counter", read, version: 1, mark));
        Assert.Equal(2, await Within(grain.Value().AsTask(), "read again"));

        // What is read from then on is as new as what it left.
        silo.Advance(s_beyondAge);
        Assert.True(silo.Preloader.Preload(id, "counter", new CounterState { Value = 2 }, version: 2, silo.Preloader.Mark()));
        Assert.Equal(3, await Within(grain.Add(1), "third write"));
    }
}
