using Grid.Sampling;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Sampling;

public sealed class HeldTubesTests(GridFixture grid) : GrainTest(grid)
{
    private static readonly SamplingOptions Options = new();

    [Fact]
    public async Task The_held_tubes_of_a_laboratory_are_bounded_and_an_arriving_tube_makes_room()
    {
        var account = Grains.GetGrain<IHeldTubesGrain>(HeldShards.KeyOf(NewId("lab"), 0));
        var max = (ulong)(Options.MaxHeldTubesPerLaboratory / HeldShards.Count);
        for (var tube = 0UL; tube < max; tube++)
            Assert.True(await account.TryHold(tube));

        Assert.True(await account.TryHold(0));
        Assert.False(await account.TryHold(max));
        await account.Release(7);
        Assert.True(await account.TryHold(max));
    }

    [Fact]
    public async Task An_arriving_tube_is_removed_from_the_held_tubes_of_each_laboratory()
    {
        var (tubeId, laboratory) = (NewId("T"), NewId("lab"));
        var digest = StableId.ShortOf(tubeId);
        var account = Grains.GetGrain<IHeldTubesGrain>(HeldShards.KeyOf(laboratory, digest));
        var max = Options.MaxHeldTubesPerLaboratory / HeldShards.Count;
        var report = new Grid.Results.LabResult(1, "rt-pcr", Grid.Results.TestResult.Negative, Start, null);
        await Tube(tubeId).Report(report, laboratory);
        for (var other = 1UL; other < (ulong)max; other++)
            Assert.True(await account.TryHold(digest + other));
        Assert.False(await account.TryHold(digest + (ulong)max));

        await Tube(tubeId).Open(new TubeOpening(5, Site), Site);

        Assert.True(await account.TryHold(digest + (ulong)max));
    }
}
