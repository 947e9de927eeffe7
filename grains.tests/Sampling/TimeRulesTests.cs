using FsCheck;
using FsCheck.Fluent;
using Grid.Codes;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Vaccination;
using TestResult = Grid.Results.TestResult;

namespace Grid.Tests.Sampling;

/// <summary>Bounds the effect of wrong clocks on stored state, for every way to create a cause.</summary>
public sealed class TimeRulesTests
{
    private const string Site = "site-1";
    private const string Lab = "lab-1";
    private static readonly DateTimeOffset Now = new(2026, 1, 4, 9, 0, 0, TimeSpan.Zero);
    private static readonly SamplingOptions Options = new();
    private static readonly CodeOptions Codes = new();
    private static readonly Guid Resident = Guid.NewGuid();

    /// <summary>The ways to create a cause.</summary>
    private enum Way
    {
        Single,
        Pool,
        HeldSingle,
        HeldPool,
        CorrectedSingle,
        CorrectedPool,
    }

    [Fact]
    public void Nothing_accepted_starts_in_the_future() =>
        Prop.ForAll(
                (
                    from way in Gen.Elements(Enum.GetValues<Way>())
                    from tested in Gen.Choose(-10 * 60, 10 * 60)
                    from collected in Gen.Choose(-60 * 60, 10 * 60)
                    select (way, tested, collected)
                ).ToArbitrary(),
                drawn =>
                {
                    var (way, testedSkew, collectedSkew) = drawn;
                    var (testedAt, collectedAt) = (
                        Now.AddSeconds(testedSkew),
                        Now.AddSeconds(Math.Min(collectedSkew, testedSkew + 600))
                    );
                    var state = Show(Run(way, testedAt, collectedAt));
                    var view = CodeRules.View(state, "张*", Now, Codes);
                    return view.Colour > CodeColour.Green
                        && view.Causes.All(cause => cause.Since <= Now && cause.Since <= testedAt)
                        && state.Tests.All(test => test.CollectedAt <= Now && test.TestedAt <= Now)
                        && view.ChangesAt is null;
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_end_of_a_hold_takes_effect_at_once_despite_a_wrong_laboratory_clock() =>
        Prop.ForAll(Gen.Choose(-10 * 60, 10 * 60).ToArbitrary(), skew =>
            {
                var tube = Run(Way.Pool, Now.AddMinutes(-5), Now.AddHours(-1));
                tube = Next(
                    ResultChanges.Take(
                        tube,
                        Report(2, TestResult.Negative, Now.AddSeconds(skew), null),
                        Lab,
                        Now,
                        Options
                    )
                );
                return CodeRules.View(Show(tube), "张*", Now, Codes).Colour == CodeColour.Green;
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_repeat_at_another_time_gives_the_same_state() =>
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), later =>
            {
                var tube = Run(Way.Single, Now.AddMinutes(9), Now.AddHours(-1));
                var again = ResultChanges.Take(
                    tube,
                    Report(1, TestResult.Positive, Now.AddMinutes(9), null),
                    Lab,
                    Now.AddSeconds(later),
                    Options
                );
                return again is { Status: ResultStatus.Replayed, Next: null };
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_dose_counts_from_its_receipt_at_the_latest()
    {
        var record = new DoseRecord("r", Resident, "P", 1, Now.AddMinutes(9), "clinic");
        var dose = new DoseState { Record = record, ReceivedAt = Now };

        Assert.Equal(Now, dose.ForResident.At);
        Assert.Equal(
            Now.AddDays(-1),
            new DoseState { Record = record with { At = Now.AddDays(-1) }, ReceivedAt = Now }
                .ForResident
                .At
        );
    }

    [Theory]
    [InlineData(-10, true)]
    [InlineData(-11, false)]
    [InlineData(-60 * 24 * 3, false)]
    [InlineData(60, true)]
    public void A_result_must_be_tested_after_its_samples_within_the_clock_tolerance(int minutesAfterSample, bool taken)
    {
        var collectedAt = Now.AddHours(-2);
        var tube = With(Opened(10), collectedAt.AddHours(-1), collectedAt);

        var change = ResultChanges.Take(
            tube,
            Report(1, TestResult.Positive, collectedAt.AddMinutes(minutesAfterSample), null),
            Lab,
            Now,
            Options
        );

        Assert.Equal(taken ? ResultStatus.Accepted : ResultStatus.TestedBeforeCollected, change.Status);
    }

    [Fact]
    public void A_withdrawn_sample_does_not_bound_the_result()
    {
        var tube = With(Opened(10), Now.AddHours(-5), Now.AddHours(-1));
        tube = TubeChanges.Withdraw(tube, tube.Members[1].Resident, "broken", Site, Now).Next!;

        Assert.Equal(
            ResultStatus.Accepted,
            ResultChanges.Take(tube, Report(1, TestResult.Negative, Now.AddHours(-3), null), Lab, Now, Options).Status
        );
    }

    [Fact]
    public void A_correction_may_be_as_old_as_the_result_that_it_corrects()
    {
        var (then, collectedAt) = (Now - Options.MaxAge * 2, Now - Options.MaxAge * 2 - TimeSpan.FromHours(1));
        var tube = TubeChanges
            .Add(Opened(1), new SampleCollected(Resident, collectedAt, null), Site, then, Options)
            .Next!;
        tube = Next(ResultChanges.Take(tube, Report(1, TestResult.Positive, then, null), Lab, then, Options));

        Assert.Equal(
            ResultStatus.Accepted,
            ResultChanges.Take(tube, Report(2, TestResult.Negative, then, correctionOf: 1), Lab, Now, Options).Status
        );
    }

    [Fact]
    public void An_old_result_or_sample_is_refused_but_not_its_repeat()
    {
        var tooOld = Now - Options.MaxAge - TimeSpan.FromSeconds(1);
        Assert.Equal(
            ResultStatus.TooOld,
            ResultChanges.Take(new TubeState(), Report(1, TestResult.Positive, tooOld, null), Lab, Now, Options).Status
        );
        Assert.Equal(
            TubeStatus.TooOld,
            TubeChanges.Add(Opened(5), new SampleCollected(Resident, tooOld, null), Site, Now, Options).Status
        );

        var held = Next(
            ResultChanges.Take(new TubeState(), Report(1, TestResult.Positive, tooOld, null), Lab, tooOld, Options)
        );
        Assert.Equal(
            ResultStatus.Replayed,
            ResultChanges.Take(held, Report(1, TestResult.Positive, tooOld, null), Lab, Now, Options).Status
        );
    }

    [Fact]
    public void A_held_result_is_judged_when_the_first_sample_arrives()
    {
        var held = Next(
            ResultChanges.Take(
                new TubeState(),
                Report(1, TestResult.Positive, Now.AddDays(-3), null) with
                {
                    LabId = "lab-2",
                },
                "lab-2",
                Now,
                Options
            ),
            "lab-2"
        );
        var tube = TubeChanges.Open(held, new TubeOpening(10, Site), Site, Now).Next!;

        tube = TubeChanges.Add(tube, new SampleCollected(Resident, Now.AddHours(-1), null), Site, Now, Options).Next!;

        Assert.Empty(tube.Results);
        Assert.Equal(ConflictKind.Time, Assert.Single(tube.Conflicts).Kind);
        Assert.Equal(CodeColour.Green, CodeRules.View(Show(tube), "张*", Now, Codes).Colour);
        Assert.Equal(
            ResultStatus.TestedBeforeCollected,
            ResultChanges.Take(tube, held.Results[0].Report, "lab-2", Now, Options).Status
        );
        // The laboratory that has the tube can still report its result.
        Assert.Equal(
            ResultStatus.Accepted,
            ResultChanges.Take(tube, Report(1, TestResult.Negative, Now, null), Lab, Now, Options).Status
        );
    }

    private static TubeState Run(Way way, DateTimeOffset testedAt, DateTimeOffset collectedAt)
    {
        var capacity = way is Way.Single or Way.HeldSingle or Way.CorrectedSingle ? 1 : 10;
        var sample = new SampleCollected(Resident, collectedAt, null);
        if (way is Way.HeldSingle or Way.HeldPool)
        {
            var held = Next(
                ResultChanges.Take(new TubeState(), Report(1, TestResult.Positive, testedAt, null), Lab, Now, Options)
            );
            return TubeChanges
                .Add(
                    TubeChanges.Open(held, new TubeOpening(capacity, Site), Site, Now).Next!,
                    sample,
                    Site,
                    Now,
                    Options
                )
                .Next!;
        }
        var tube = TubeChanges.Add(Opened(capacity), sample, Site, Now, Options).Next!;
        if (way is Way.Single or Way.Pool)
            return Next(ResultChanges.Take(tube, Report(1, TestResult.Positive, testedAt, null), Lab, Now, Options));
        tube = Next(ResultChanges.Take(tube, Report(1, TestResult.Negative, testedAt, null), Lab, Now, Options));
        return Next(
            ResultChanges.Take(tube, Report(2, TestResult.Positive, testedAt, correctionOf: 1), Lab, Now, Options)
        );
    }

    private static TubeState Opened(int capacity) =>
        TubeChanges.Open(new TubeState(), new TubeOpening(capacity, Site), Site, Now).Next!;

    private static TubeState With(TubeState tube, params DateTimeOffset[] collectedAt) =>
        collectedAt.Aggregate(tube, (state, at) =>
            TubeChanges.Add(state, new SampleCollected(Guid.NewGuid(), at, null), Site, Now, Options).Next!
        );

    private static TubeState Next(ResultChange change, string laboratory = Lab)
    {
        Assert.Equal(ResultStatus.Accepted, change.Status);
        Assert.Equal(laboratory, change.Next!.Laboratory);
        return change.Next;
    }

    private static ResidentState Show(TubeState tube)
    {
        var state = new ResidentState { Profile = [1] };
        var verdict = TubeRules.Verdict(tube);
        foreach (var member in tube.Members)
        {
            var standing = TubeRules.Standing("T", member, verdict, tube.Opening!.Capacity);
            state = ResidentRules.Apply(state, member.Resident, standing, Now, Codes) ?? state;
        }
        return state;
    }

    private static ResultReport Report(int sequence, TestResult result, DateTimeOffset testedAt, int? correctionOf) =>
        new("T", sequence, Lab, "rt-pcr", result, testedAt, correctionOf);
}
