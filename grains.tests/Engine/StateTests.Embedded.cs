using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>States that came with a bulk load, which is the embedded engine's own.</summary>
public sealed partial class StateTests
{
    [Fact]
    public async Task A_preloaded_grain_reads_only_what_was_not_given()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<ICounterGrain>();
        var id = grain.GetGrainId();
        silo.Storage.Put("counter", id, new CounterState { Value = 3 }, version: 4);
        Assert.True(silo.Preloader.Preload(id, "counter", new CounterState { Value = 3 }, version: 4));
        Assert.False(silo.Preloader.Preload(id, "counter", new CounterState { Value = 9 }, version: 5));
        Assert.Equal(3, await Within(grain.Value().AsTask(), "first call"));
        Assert.Equal(1, silo.Storage.Reads);
        Assert.Equal("4", await grain.Etag());
        Assert.Equal(4, await Within(grain.Add(1), "write"));
    }
}
