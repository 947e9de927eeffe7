using Grid.Codes;
using Grid.Results;
using Grid.Sampling;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Results;

public sealed class ResultTests(GridFixture grid) : GrainTest(grid)
{
    [Fact]
    public async Task A_negative_tube_gives_every_member_a_negative_test()
    {
        var (tubeId, members) = await NewTube(capacity: 20);

        var receipt = await Send(Report(tubeId, TestResult.Negative));

        Assert.Equal((ResultStatus.Accepted, true), (receipt.Status, receipt.Applied));
        foreach (var member in members)
        {
            var view = await Resident(member).Show();
            Assert.Equal(CodeColour.Green, view.Colour);
            Assert.Equal((TestState.Resulted, TestResult.Negative), (view.Test.State, view.Test.Result));
        }
    }

    [Fact]
    public async Task A_positive_pool_holds_only_its_members()
    {
        var (tubeId, members) = await NewTube(capacity: 10);
        var (_, others) = await NewTube(capacity: 10, members: 1);

        await Send(Report(tubeId, TestResult.Positive));

        foreach (var member in members)
        {
            var view = await Resident(member).Show();
            Assert.Equal(CodeColour.Yellow, view.Colour);
            Assert.Equal((CauseKind.PoolHold, $"tube:{tubeId}"), (view.Causes[0].Kind, view.Causes[0].Source));
            // The pool is positive, not the person.
            Assert.Equal(TestResult.Inconclusive, view.Test.Result);
        }
        Assert.Equal(CodeColour.Green, (await Resident(others[0]).Show()).Colour);
    }

    [Fact]
    public async Task A_positive_single_is_red_until_it_is_corrected()
    {
        var (tubeId, members) = await NewTube(capacity: 1);

        await Send(Report(tubeId, TestResult.Positive));
        Assert.Equal(CodeColour.Red, (await Resident(members[0]).Show()).Colour);

        await Send(Report(tubeId, TestResult.Negative, sequence: 2));
        Assert.Equal(CodeColour.Red, (await Resident(members[0]).Show()).Colour);

        await Send(Report(tubeId, TestResult.Negative, sequence: 3, correctionOf: 1));
        var view = await Resident(members[0]).Show();
        Assert.Equal((CodeColour.Green, TestResult.Negative), (view.Colour, view.Test.Result));
        Assert.Equal(TubePhase.Corrected, (await Tube(tubeId).Get()).Phase);
        var history = await Resident(members[0]).History();
        Assert.Equal($"tube:{tubeId} result 3", Assert.Single(history.Ended).EndedBy);
    }

    [Fact]
    public async Task A_negative_tube_does_not_lift_the_hold_of_another()
    {
        var (pool, members) = await NewTube(capacity: 10, members: 1);
        await Send(Report(pool, TestResult.Positive));
        var (other, _) = await NewTube(capacity: 10, members: 0);
        await Tube(other).AddSample(Sample(members[0]), Site);

        await Send(Report(other, TestResult.Negative));

        Assert.Equal(CodeColour.Yellow, (await Resident(members[0]).Show()).Colour);
    }

    [Fact]
    public async Task A_result_submitted_twice_is_applied_once()
    {
        var (tubeId, members) = await NewTube(capacity: 5);
        var report = Report(tubeId, TestResult.Positive);

        var first = await Send(report);
        var version = (await Resident(members[0]).Show()).Version;
        var second = await Send(report);

        Assert.Equal((ResultStatus.Replayed, first.ReceiptId), (second.Status, second.ReceiptId));
        Assert.Equal(version, (await Resident(members[0]).Show()).Version);
    }

    [Fact]
    public async Task Other_content_under_the_same_sequence_is_kept_and_changes_nothing()
    {
        var (tubeId, members) = await NewTube(capacity: 5);
        var first = await Send(Report(tubeId, TestResult.Negative));

        for (var i = 0; i < 2; i++)
        {
            var conflict = await Send(Report(tubeId, TestResult.Positive));
            Assert.Equal((ResultStatus.Conflict, first.ReceiptId), (conflict.Status, conflict.ReceiptId));
        }

        Assert.Equal(CodeColour.Green, (await Resident(members[0]).Show()).Colour);
        Assert.Equal(1, (await Tube(tubeId).Get()).Conflicts);
    }

    [Fact]
    public async Task A_result_for_an_unknown_tube_is_held_and_applied_when_the_tube_arrives()
    {
        var tubeId = NewId("T");
        var resident = await NewResident();

        var held = await Send(Report(tubeId, TestResult.Positive));
        Assert.Equal((ResultStatus.Accepted, false), (held.Status, held.Applied));
        Assert.Equal((TubePhase.Unknown, 1), ((await Tube(tubeId).Get()).Phase, (await Tube(tubeId).Get()).Held));

        await Tube(tubeId).Import(new WholeTube(new TubeOpening(10, "site-1"), [Sample(resident)], Seal: true), Site);

        Assert.Equal(CodeColour.Yellow, (await Resident(resident).Show()).Colour);
        var again = await Send(Report(tubeId, TestResult.Positive));
        Assert.Equal((held.ReceiptId, true), (again.ReceiptId, again.Applied));
    }

    [Fact]
    public async Task A_held_result_allows_for_the_clocks_of_site_and_laboratory()
    {
        var (tubeId, near, far) = (NewId("T"), await NewResident(), await NewResident());
        var report = Report(tubeId, TestResult.Negative) with { TestedAt = Start.AddHours(-3) };
        await Send(report);
        await Tube(tubeId).Open(new TubeOpening(5, Site), Site);

        var late = Sample(near) with { CollectedAt = report.TestedAt + TubeRules.MaxClockSkew };
        Assert.Equal(TubeStatus.Done, (await Tube(tubeId).AddSample(late, Site)).Status);
        Assert.Equal(TestResult.Negative, (await Resident(near).Show()).Test.Result);

        var tooLate = Sample(far) with { CollectedAt = late.CollectedAt.AddSeconds(1) };
        Assert.Equal(TubeStatus.CollectedAfterResult, (await Tube(tubeId).AddSample(tooLate, Site)).Status);
    }

    [Fact]
    public async Task A_result_seals_its_tube_so_no_sample_is_added_to_it()
    {
        var (tubeId, _) = await NewTube(capacity: 5, members: 1);
        await Send(Report(tubeId, TestResult.Negative));
        var late = await NewResident();

        Assert.Equal(TubeStatus.Sealed, (await Tube(tubeId).AddSample(Sample(late), Site)).Status);

        var import = await Tube(tubeId)
            .Import(new WholeTube(new TubeOpening(5, Site), [Sample(late)], Seal: true), Site);
        Assert.Equal(TubeStatus.Sealed, import.Status);
        Assert.Equal(TestState.None, (await Resident(late).Show()).Test.State);
    }

    [Fact]
    public async Task Results_in_any_order_give_the_same_final_state()
    {
        var (tubeId, members) = await NewTube(capacity: 1);

        await Send(Report(tubeId, TestResult.Negative, sequence: 2, correctionOf: 1));
        await Send(Report(tubeId, TestResult.Positive));

        var view = await Resident(members[0]).Show();
        Assert.Equal((CodeColour.Green, TestResult.Negative), (view.Colour, view.Test.Result));
    }

    [Fact]
    public async Task A_correction_of_itself_or_of_the_future_is_refused()
    {
        var (tubeId, _) = await NewTube(capacity: 1);

        var receipt = await Send(Report(tubeId, TestResult.Negative, sequence: 2, correctionOf: 2));

        Assert.Equal(ResultStatus.CorrectionInvalid, receipt.Status);
        Assert.Equal(TubePhase.Open, (await Tube(tubeId).Get()).Phase);
    }

    [Fact]
    public async Task A_tube_accepts_a_bounded_number_of_results()
    {
        var (tubeId, _) = await NewTube(capacity: 1);
        for (var i = 1; i <= TubeState.MaxResults; i++)
            Assert.Equal(ResultStatus.Accepted, (await Send(Report(tubeId, TestResult.Invalid, i))).Status);

        Assert.Equal(
            ResultStatus.TooMany,
            (await Send(Report(tubeId, TestResult.Invalid, TubeState.MaxResults + 1))).Status
        );
    }

    [Fact]
    public async Task An_unknown_tube_holds_fewer_results()
    {
        var tubeId = NewId("T");
        for (var i = 1; i <= TubeState.MaxHeld; i++)
            Assert.Equal(ResultStatus.Accepted, (await Send(Report(tubeId, TestResult.Invalid, i))).Status);

        Assert.Equal(
            ResultStatus.HeldTooMany,
            (await Send(Report(tubeId, TestResult.Invalid, TubeState.MaxHeld + 1))).Status
        );
    }

    private Task<ResultReceipt> Send(ResultReport report) =>
        Tube(report.TubeId)
            .Report(
                new LabResult(report.Sequence, report.Method, report.Result, report.TestedAt, report.CorrectionOf),
                report.LabId
            );

    private static ResultReport Report(string tubeId, TestResult result, int sequence = 1, int? correctionOf = null) =>
        new(tubeId, sequence, "lab-1", "rt-pcr", result, Start, correctionOf);
}
