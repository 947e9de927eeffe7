using Grid.Codes;
using Grid.Sampling;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Sampling;

public sealed class TubeGrainTests(GridFixture grid) : GrainTest(grid)
{
    [Fact]
    public async Task A_sample_is_seen_in_the_tube_and_on_the_resident()
    {
        var (tubeId, members) = await NewTube(capacity: 10, members: 2);

        var tube = await Tube(tubeId).Get();
        Assert.Equal((TubePhase.Open, 2, 10, "site-1"), (tube.Phase, tube.Count, tube.Capacity, tube.SiteId));
        foreach (var member in members)
            Assert.Equal(TestState.Sampled, (await Resident(member).Show()).Test.State);
    }

    [Fact]
    public async Task Opening_again_is_a_repeat_and_another_content_is_a_conflict()
    {
        var tube = Tube(NewId("T"));

        Assert.Equal(TubeStatus.Done, (await tube.Open(new TubeOpening(10, "site-1"), "site-1")).Status);
        Assert.Equal(TubeStatus.Replayed, (await tube.Open(new TubeOpening(10, "site-1"), "site-1")).Status);
        Assert.Equal(TubeStatus.Conflict, (await tube.Open(new TubeOpening(20, "site-1"), "site-1")).Status);
        Assert.Equal(TubeStatus.Conflict, (await tube.Open(new TubeOpening(10, "site-2"), "site-2")).Status);
        Assert.Equal(10, (await tube.Get()).Capacity);
    }

    [Fact]
    public async Task A_tube_refuses_samples_that_do_not_belong_in_it()
    {
        var (tubeId, members) = await NewTube(capacity: 5);
        var tube = Tube(tubeId);

        Assert.Equal(TubeStatus.AlreadyInTube, (await tube.AddSample(Sample(members[0]), Site)).Status);
        Assert.Equal(new TubeAnswer(TubeStatus.Full, 5, 5), await tube.AddSample(Sample(await NewResident()), Site));
        Assert.Equal(TubeStatus.Done, (await tube.Seal(Site)).Status);
        Assert.Equal(TubeStatus.Replayed, (await tube.Seal(Site)).Status);
        Assert.Equal(TubeStatus.Sealed, (await tube.AddSample(Sample(await NewResident()), Site)).Status);
        Assert.Equal(TubeStatus.Sealed, (await tube.Withdraw(members[0], "wrong person", Site)).Status);
        Assert.Equal(5, (await tube.Get()).Count);
    }

    [Fact]
    public async Task An_unknown_resident_or_tube_is_reported()
    {
        var (tubeId, _) = await NewTube(capacity: 5, members: 0);

        Assert.Equal(TubeStatus.ResidentUnknown, (await Tube(tubeId).AddSample(Sample(Guid.NewGuid()), Site)).Status);
        Assert.Equal(TubeStatus.Unknown, (await Tube(NewId("T")).AddSample(Sample(await NewResident()), Site)).Status);
        Assert.Equal(TubeStatus.Unknown, (await Tube(NewId("T")).Seal(Site)).Status);
        Assert.Equal(TubeStatus.Unknown, (await Tube(NewId("T")).Withdraw(Guid.NewGuid(), "no", Site)).Status);
        Assert.Equal(TubeStatus.NotInTube, (await Tube(tubeId).Withdraw(Guid.NewGuid(), "no", Site)).Status);
    }

    [Fact]
    public async Task A_repeated_command_returns_the_first_outcome()
    {
        var (tubeId, _) = await NewTube(capacity: 5, members: 0);
        var sample = Sample(await NewResident(), "key-1");

        Assert.Equal(new TubeAnswer(TubeStatus.Done, 1, 5), await Tube(tubeId).AddSample(sample, Site));
        Assert.Equal(new TubeAnswer(TubeStatus.Replayed, 1, 5), await Tube(tubeId).AddSample(sample, Site));
        Assert.Equal(
            TubeStatus.AlreadyInTube,
            (await Tube(tubeId).AddSample(sample with { IdempotencyKey = "key-2" }, Site)).Status
        );
    }

    [Fact]
    public async Task A_withdrawn_sample_leaves_tube_and_resident_and_can_be_added_again()
    {
        var (tubeId, members) = await NewTube(capacity: 5, members: 1);

        Assert.Equal(
            new TubeAnswer(TubeStatus.Done, 0, 5),
            await Tube(tubeId).Withdraw(members[0], "wrong person", Site)
        );
        Assert.Equal(TubeStatus.Replayed, (await Tube(tubeId).Withdraw(members[0], "wrong person", Site)).Status);
        Assert.Equal(TestState.None, (await Resident(members[0]).Show()).Test.State);

        Assert.Equal(new TubeAnswer(TubeStatus.Done, 1, 5), await Tube(tubeId).AddSample(Sample(members[0]), Site));
        Assert.Equal(TestState.Sampled, (await Resident(members[0]).Show()).Test.State);
    }

    [Fact]
    public async Task A_late_repeat_does_not_restore_a_withdrawn_sample()
    {
        var (tubeId, _) = await NewTube(capacity: 5, members: 0);
        var resident = await NewResident();
        await Tube(tubeId).AddSample(Sample(resident, "key-1"), Site);
        await Tube(tubeId).Withdraw(resident, "wrong person", Site);

        Assert.Equal(
            new TubeAnswer(TubeStatus.Replayed, 0, 5),
            await Tube(tubeId).AddSample(Sample(resident, "key-1"), Site)
        );
        Assert.Equal(TestState.None, (await Resident(resident).Show()).Test.State);

        Assert.Equal(
            new TubeAnswer(TubeStatus.Done, 1, 5),
            await Tube(tubeId).AddSample(Sample(resident, "key-2"), Site)
        );
    }

    [Fact]
    public async Task A_whole_tube_is_imported_once_and_a_bad_sample_refuses_all_of_it()
    {
        var tubeId = NewId("T");
        var (first, second) = (await NewResident(), await NewResident());
        var whole = new WholeTube(new TubeOpening(5, "site-1"), [Sample(first), Sample(second)], Seal: true);

        var answer = await Tube(tubeId)
            .Import(whole with { Samples = [Sample(first), Sample(Guid.NewGuid()), Sample(second)] }, Site);
        Assert.Equal(TubeStatus.ResidentUnknown, answer.Status);
        Assert.Equal([TubeStatus.Done, TubeStatus.ResidentUnknown, TubeStatus.Done], answer.Samples);
        Assert.Equal(TubePhase.Unknown, (await Tube(tubeId).Get()).Phase);
        Assert.Equal(TestState.None, (await Resident(first).Show()).Test.State);

        Assert.Equal(TubeStatus.Done, (await Tube(tubeId).Import(whole, Site)).Status);

        Assert.Equal(TubeStatus.Replayed, (await Tube(tubeId).Import(whole, Site)).Status);
        var tube = await Tube(tubeId).Get();
        Assert.Equal((TubePhase.Sealed, 2), (tube.Phase, tube.Count));
        Assert.Equal(TestState.Sampled, (await Resident(second).Show()).Test.State);
    }

    [Fact]
    public async Task Concurrent_samples_fill_a_tube_to_its_capacity()
    {
        var (tubeId, _) = await NewTube(capacity: 20, members: 0);
        var residents = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => NewResident()));

        var answers = await Task.WhenAll(residents.Select(resident => Tube(tubeId).AddSample(Sample(resident), Site)));

        Assert.Equal(20, answers.Count(answer => answer.Status == TubeStatus.Done));
        Assert.Equal(20, answers.Count(answer => answer.Status == TubeStatus.Full));
        Assert.Equal(20, (await Tube(tubeId).Get()).Count);
    }
}
