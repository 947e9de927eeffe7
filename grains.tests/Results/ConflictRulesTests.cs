using Grid.Results;
using Grid.Sampling;
using static Grid.Results.TestResult;
using TestResult = Grid.Results.TestResult;

namespace Grid.Tests.Results;

/// <summary>Which site and laboratory own a tube, and how an operator's decision settles two results.</summary>
public sealed class ConflictRulesTests
{
    private const string Site = "site-1";
    private static readonly DateTimeOffset Now = new(2026, 1, 4, 9, 0, 0, TimeSpan.Zero);
    private static readonly SamplingOptions Options = new();

    [Fact]
    public void A_result_of_another_laboratory_waits_and_changes_nothing()
    {
        var tube = Take(Filled(1), "lab-1", 1, Positive);

        foreach (var (sequence, correctionOf) in new (int, int?)[] { (2, 1), (2, null), (1, null), (7, null) })
        {
            var change = ResultChanges.Take(
                tube,
                Report("lab-2", sequence, Negative, correctionOf),
                "lab-2",
                Now,
                Options
            );
            Assert.Equal(ResultStatus.Conflict, change.Status);
            Assert.Equal(TubeRules.Verdict(tube), TubeRules.Verdict(change.Next!));
            Assert.Equal(tube.Revision, change.Next!.Revision);
            Assert.Equal(ConflictKind.Laboratory, Assert.Single(change.Next.Conflicts).Kind);
        }
    }

    [Fact]
    public void The_same_laboratory_corrects_itself()
    {
        var tube = Take(Filled(1), "lab-1", 1, Positive);

        Assert.Equal(StandingCause.None, TubeRules.Verdict(Take(tube, "lab-1", 2, Negative, correctionOf: 1)).Cause);
    }

    [Fact]
    public void A_repeat_of_a_waiting_report_opens_no_second_conflict()
    {
        var tube = Dispute(Take(Filled(1), "lab-1", 1, Positive), "lab-2", 2, Negative);

        var again = ResultChanges.Take(tube, Report("lab-2", 2, Negative), "lab-2", Now.AddHours(1), Options);

        Assert.Equal((ResultStatus.Conflict, null), (again.Status, again.Next));
    }

    [Fact]
    public void Keeping_the_first_leaves_everything_as_it_is()
    {
        var tube = Dispute(Take(Filled(1), "lab-1", 1, Positive), "lab-2", 2, Negative);

        var (status, next) = Resolve(tube, Keep.First);

        Assert.Equal(ConflictStatus.Done, status);
        Assert.Equal(TubeRules.Verdict(tube), TubeRules.Verdict(next!));
        Assert.Equal(("office/li", "checked"), (next!.Conflicts[0].Decision!.By, next.Conflicts[0].Decision!.Reason));
        Assert.Equal(
            ResultStatus.Conflict,
            ResultChanges.Take(next, Report("lab-2", 2, Negative), "lab-2", Now, Options).Status
        );
    }

    [Fact]
    public void Keeping_the_second_of_one_key_replaces_the_first_for_every_member()
    {
        var tube = Dispute(Take(Filled(10), "lab-1", 1, Positive), "lab-1", 1, Negative);
        Assert.Equal(ConflictKind.Key, tube.Conflicts[0].Kind);

        var (_, next) = Resolve(tube, Keep.Second);

        Assert.Equal(
            (Negative, StandingCause.None),
            (TubeRules.Verdict(next!).ForMember, TubeRules.Verdict(next!).Cause)
        );
        Assert.True(next!.HasPendingWork);
        Assert.Equal(Positive, Assert.Single(next.Superseded).Report.Result);
        Assert.Equal(
            ResultStatus.Conflict,
            ResultChanges.Take(next, Report("lab-1", 1, Positive), "lab-1", Now, Options).Status
        );
        Assert.Equal(
            ResultStatus.Replayed,
            ResultChanges.Take(next, Report("lab-1", 1, Negative), "lab-1", Now, Options).Status
        );
    }

    [Fact]
    public void Keeping_the_second_laboratory_gives_it_the_tube_and_its_waiting_results()
    {
        var tube = Take(Filled(1), "lab-1", 1, Positive);
        tube = Dispute(tube, "lab-2", 1, Invalid);
        tube = Dispute(tube, "lab-2", 2, Negative);

        var (_, next) = ResultChanges.Resolve(tube, tube.Conflicts[1].ConflictId, Decision(Keep.Second));

        Assert.Equal(["lab-2", "lab-2"], next!.Results.Select(each => each.Report.LabId));
        Assert.DoesNotContain(next.Conflicts, conflict => conflict.IsOpen);
        Assert.Equal(StandingCause.None, TubeRules.Verdict(next).Cause);
        Assert.Equal(
            ResultStatus.Accepted,
            ResultChanges.Take(next, Report("lab-2", 3, Negative), "lab-2", Now, Options).Status
        );
        Assert.Equal(
            ResultStatus.Conflict,
            ResultChanges.Take(next, Report("lab-1", 3, Positive), "lab-1", Now, Options).Status
        );
    }

    [Fact]
    public void A_decision_can_be_repeated_but_not_reversed()
    {
        var tube = Dispute(Take(Filled(1), "lab-1", 1, Positive), "lab-2", 2, Negative);
        var (_, next) = Resolve(tube, Keep.First);

        Assert.Equal((ConflictStatus.Replayed, null), Resolve(next!, Keep.First));
        Assert.Equal((ConflictStatus.Decided, null), Resolve(next!, Keep.Second));
        Assert.Equal(
            (ConflictStatus.Unknown, null),
            ResultChanges.Resolve(next!, Guid.NewGuid(), Decision(Keep.First))
        );
    }

    [Fact]
    public void One_laboratory_cannot_fill_a_tube_s_conflicts_or_block_another()
    {
        var tube = Take(Filled(1), "lab-1", 1, Positive);
        for (var i = 1; i <= TubeState.MaxConflictsPerLaboratory; i++)
            tube = Dispute(tube, "lab-2", i, Negative);

        var full = ResultChanges.Take(tube, Report("lab-2", 99, Negative), "lab-2", Now, Options);
        Assert.Equal((ResultStatus.TooMany, null), (full.Status, full.Next));
        Assert.Equal(
            ResultStatus.Accepted,
            ResultChanges.Take(tube, Report("lab-1", 2, Negative), "lab-1", Now, Options).Status
        );
        Assert.Equal(
            ResultStatus.Conflict,
            ResultChanges.Take(tube, Report("lab-3", 1, Negative), "lab-3", Now, Options).Status
        );
    }

    [Fact]
    public void Results_of_another_laboratory_for_an_unknown_tube_do_not_block_the_right_one()
    {
        var tube = new TubeState();
        for (var i = 1; i <= TubeState.MaxHeld; i++)
            tube = Take(tube, "lab-2", i, Negative);
        Assert.Equal(
            ResultStatus.HeldTooMany,
            ResultChanges.Take(tube, Report("lab-2", 99, Negative), "lab-2", Now, Options).Status
        );
        tube = Dispute(tube, "lab-1", 1, Positive);

        tube = TubeChanges.Open(tube, new TubeOpening(1, Site), Site, Now).Next!;
        tube = TubeChanges
            .Add(tube, new SampleCollected(Guid.NewGuid(), Now.AddHours(-3), null), Site, Now, Options)
            .Next!;

        // Neither result was shown yet: the negative one stays hidden while it is disputed.
        Assert.Equal((null, StandingCause.None), (TubeRules.Verdict(tube).ForMember, TubeRules.Verdict(tube).Cause));
        var (_, next) = Resolve(tube, Keep.Second);
        Assert.Equal(
            (Positive, StandingCause.Positive),
            (TubeRules.Verdict(next!).ForMember, TubeRules.Verdict(next!).Cause)
        );
        Assert.Equal(Negative, TubeRules.Verdict(Resolve(tube, Keep.First).Next!).ForMember);
    }

    [Fact]
    public void A_tube_records_the_author_of_each_change()
    {
        var tube = TubeChanges.Open(new TubeState(), new TubeOpening(5, Site), "site-1/wang", Now).Next!;
        tube = TubeChanges
            .Add(tube, new SampleCollected(Guid.NewGuid(), Now.AddHours(-3), null), "site-1/zhao", Now, Options)
            .Next!;
        tube = TubeChanges.Withdraw(tube, tube.Members[0].Resident, "broken", "site-1/sun", Now).Next!;
        tube = TubeChanges.Seal(tube, "site-1/qian", Now).Next!;
        tube = ResultChanges.Take(tube, Report("lab-1", 1, Negative), "lab-1/zhou", Now, Options).Next!;

        Assert.Equal(
            ["site-1/wang", "site-1/zhao", "site-1/sun", "site-1/qian", "lab-1/zhou"],
            [
                tube.OpenedBy!.Subject,
                tube.Members[0].TakenBy.Subject,
                tube.Members[0].WithdrawnBy!.Subject,
                tube.SealedBy!.Subject,
                tube.Results[0].By,
            ]
        );
    }

    [Fact]
    public void Another_site_cannot_change_a_tube()
    {
        var tube = Filled(5);
        var other = "site-2/wang";

        Assert.Equal(
            TubeStatus.OtherSite,
            TubeChanges.Open(new TubeState(), new TubeOpening(5, Site), other, Now).Status
        );
        Assert.Equal(TubeStatus.Conflict, TubeChanges.Open(tube, new TubeOpening(5, "site-2"), other, Now).Status);
        Assert.Equal(TubeStatus.OtherSite, TubeChanges.Seal(tube, other, Now).Status);
        Assert.Equal(
            TubeStatus.OtherSite,
            TubeChanges.Withdraw(tube, tube.Members[0].Resident, "no", other, Now).Status
        );
        Assert.Equal(
            TubeStatus.OtherSite,
            TubeChanges.Add(tube, new SampleCollected(Guid.NewGuid(), Now, null), other, Now, Options).Status
        );
    }

    [Fact]
    public void One_idempotency_key_stands_for_one_sample()
    {
        var sample = new SampleCollected(Guid.NewGuid(), Now.AddHours(-3), "key-1");
        var tube = TubeChanges.Add(Filled(5), sample, Site, Now, Options).Next!;

        Assert.Equal(TubeStatus.Replayed, TubeChanges.Add(tube, sample, Site, Now, Options).Status);
        Assert.Equal(
            TubeStatus.KeyConflict,
            TubeChanges.Add(tube, sample with { Resident = Guid.NewGuid() }, Site, Now, Options).Status
        );
        Assert.Equal(
            TubeStatus.KeyConflict,
            TubeChanges.Add(tube, sample with { CollectedAt = Now }, Site, Now, Options).Status
        );
    }

    private static TubeState Filled(int capacity)
    {
        var tube = TubeChanges.Open(new TubeState(), new TubeOpening(capacity, Site), Site, Now).Next!;
        return TubeChanges
            .Add(tube, new SampleCollected(Guid.NewGuid(), Now.AddHours(-3), null), Site, Now, Options)
            .Next!;
    }

    private static TubeState Take(
        TubeState tube,
        string lab,
        int sequence,
        TestResult result,
        int? correctionOf = null
    ) => Change(tube, lab, sequence, result, correctionOf, ResultStatus.Accepted);

    private static TubeState Dispute(TubeState tube, string lab, int sequence, TestResult result) =>
        Change(tube, lab, sequence, result, null, ResultStatus.Conflict);

    private static TubeState Change(
        TubeState tube,
        string lab,
        int sequence,
        TestResult result,
        int? correctionOf,
        ResultStatus expected
    )
    {
        var change = ResultChanges.Take(tube, Report(lab, sequence, result, correctionOf), lab, Now, Options);
        Assert.Equal(expected, change.Status);
        return change.Next!;
    }

    private static (ConflictStatus Status, TubeState? Next) Resolve(TubeState tube, Keep keep) =>
        ResultChanges.Resolve(tube, tube.Conflicts[0].ConflictId, Decision(keep));

    private static ConflictDecision Decision(Keep keep) => new(keep, "checked", "office/li", Now);

    private static ResultReport Report(string lab, int sequence, TestResult result, int? correctionOf = null) =>
        new("T", sequence, lab, "rt-pcr", result, Now.AddHours(-1), correctionOf);
}
