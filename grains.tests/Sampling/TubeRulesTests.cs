using FsCheck;
using FsCheck.Fluent;
using Grid.Codes;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using static Grid.Results.TestResult;
using TestResult = Grid.Results.TestResult;

namespace Grid.Tests.Sampling;

public sealed class TubeRulesTests
{
    private static readonly CodeOptions Options = new();
    private static readonly DateTimeOffset Tested = new(2026, 1, 4, 9, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, int, (int, TestResult, int?)[], TestResult?, StandingCause> Verdicts =>
        new()
        {
            { "no result", 10, [], null, StandingCause.None },
            { "negative pool", 10, [(1, Negative, null)], Negative, StandingCause.None },
            { "positive pool", 10, [(1, Positive, null)], Positive, StandingCause.Hold },
            {
                "pool tested again, negative",
                10,
                [(1, Positive, null), (2, Negative, null)],
                Negative,
                StandingCause.None
            },
            {
                "an invalid second run leaves the hold",
                10,
                [(1, Positive, null), (2, Invalid, null)],
                Invalid,
                StandingCause.Hold
            },
            { "positive single", 1, [(1, Positive, null)], Positive, StandingCause.Positive },
            {
                "a negative rerun does not lift a positive single",
                1,
                [(1, Positive, null), (2, Negative, null)],
                Negative,
                StandingCause.Positive
            },
            { "a correction does", 1, [(1, Positive, null), (2, Negative, 1)], Negative, StandingCause.None },
            {
                "a correction undoes only what it names",
                1,
                [(1, Positive, null), (2, Positive, null), (3, Negative, 1)],
                Negative,
                StandingCause.Positive
            },
            {
                "a corrected correction undoes nothing",
                1,
                [(1, Positive, null), (2, Negative, 1), (3, Invalid, 2)],
                Invalid,
                StandingCause.Positive
            },
            { "corrected to positive", 10, [(1, Negative, null), (2, Positive, 1)], Positive, StandingCause.Hold },
            { "inconclusive asks for nothing", 1, [(1, Inconclusive, null)], Inconclusive, StandingCause.None },
        };

    [Theory]
    [MemberData(nameof(Verdicts))]
    public void Results_give_a_verdict(
        string why,
        int capacity,
        (int, TestResult, int?)[] results,
        TestResult? counting,
        StandingCause cause
    )
    {
        var verdict = TubeRules.Verdict(
            [.. results.Select(each => Result(each.Item1, each.Item2, each.Item3))],
            capacity
        );

        Assert.True((counting, cause) == (verdict.Counting?.Report.Result, verdict.Cause), $"{why}: {verdict}");
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(5, true)]
    [InlineData(10, true)]
    [InlineData(20, true)]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(40, false)]
    public void A_tube_holds_1_5_10_or_20(int capacity, bool valid) =>
        Assert.Equal(valid, TubeRules.IsCapacity(capacity));

    [Fact]
    public void The_order_in_which_standings_arrive_does_not_matter() =>
        Prop.ForAll(Gen.Shuffle(Standings().ToArray()).ToArbitrary(), shuffled =>
            {
                var resident = Guid.NewGuid();
                var inOrder = Apply(resident, Standings());
                var outOfOrder = Apply(resident, shuffled.Concat(shuffled));
                return inOrder.Tests.SequenceEqual(outOfOrder.Tests) && inOrder.Causes.SequenceEqual(outOfOrder.Causes);
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_negative_pool_does_not_lift_the_cause_of_another_tube_or_case()
    {
        var resident = Guid.NewGuid();
        var contact = new Cause(
            Guid.NewGuid(),
            CauseKind.Contact,
            CodeColour.Yellow,
            "case:1",
            1,
            Tested,
            null,
            "city",
            null
        );
        var state = new ResidentState { Profile = [1], Causes = [contact] };

        state = ResidentRules.Apply(state, resident, Standing("A", 1, Positive, StandingCause.Hold), Tested, Options)!;
        state = ResidentRules.Apply(state, resident, Standing("B", 1, Negative, StandingCause.None), Tested, Options)!;
        Assert.Equal(2, state.Causes.Length);

        state = ResidentRules.Apply(state, resident, Standing("A", 2, Negative, StandingCause.None), Tested, Options)!;
        Assert.Equal([contact], state.Causes);
        Assert.Equal("tube:A result 1", Assert.Single(state.Ended).EndedBy);
    }

    [Fact]
    public void A_standing_of_the_same_or_a_lower_revision_is_ignored()
    {
        var resident = Guid.NewGuid();
        var state = ResidentRules.Apply(
            new ResidentState { Profile = [1] },
            resident,
            Standing("A", 2, Positive, StandingCause.Hold),
            Tested,
            Options
        )!;

        Assert.Null(
            ResidentRules.Apply(state, resident, Standing("A", 2, Positive, StandingCause.Hold), Tested, Options)
        );
        Assert.Null(
            ResidentRules.Apply(state, resident, Standing("A", 1, Negative, StandingCause.None), Tested, Options)
        );
    }

    [Fact]
    public void Withdrawing_a_sample_ends_its_hold_for_good()
    {
        var resident = Guid.NewGuid();
        var held = Standing("A", 1, Positive, StandingCause.Hold);
        var state = ResidentRules.Apply(new ResidentState { Profile = [1] }, resident, held, Tested, Options)!;

        state = ResidentRules.Apply(state, resident, held with { Revision = 2, Withdrawn = true }, Tested, Options)!;

        Assert.Empty(state.Causes);
        Assert.Equal(TestState.None, CodeRules.Test(state.Tests, Tested, new CodeOptions()).State);
        Assert.Null(ResidentRules.Apply(state, resident, held, Tested, Options));
    }

    [Fact]
    public void History_is_bounded_and_drops_tests_without_a_result_last()
    {
        var resident = Guid.NewGuid();
        var state = new ResidentState { Profile = [1] };
        state = ResidentRules.Apply(
            state,
            resident,
            Standing("waiting", 1, null, StandingCause.None),
            Tested,
            Options
        )!;
        for (var i = 1; i <= ResidentState.MaxTests + 5; i++)
        {
            var standing = Standing($"T{i}", 1, Negative, StandingCause.None) with { CollectedAt = Tested.AddHours(i) };
            state = ResidentRules.Apply(state, resident, standing, Tested, Options)!;
        }

        Assert.Equal(ResidentState.MaxTests, state.Tests.Length);
        Assert.Contains(state.Tests, test => test.Result is null);
    }

    /// <summary>The standings of two tubes: sampled, positive, then negative or corrected.</summary>
    private static IEnumerable<TubeStanding> Standings()
    {
        foreach (var tube in new[] { "A", "B" })
        {
            yield return Standing(tube, 1, null, StandingCause.None);
            yield return Standing(tube, 2, Positive, StandingCause.Hold);
            yield return Standing(tube, 3, Negative, StandingCause.None);
        }
        yield return Standing("C", 1, null, StandingCause.None);
        yield return Standing("C", 2, Positive, StandingCause.Positive);
    }

    private static ResidentState Apply(Guid resident, IEnumerable<TubeStanding> standings) =>
        standings.Aggregate(new ResidentState { Profile = [1] }, (state, standing) =>
            ResidentRules.Apply(state, resident, standing, Tested, Options) ?? state
        );

    private static TubeStanding Standing(string tube, int revision, TestResult? result, StandingCause cause) =>
        new(
            tube,
            revision,
            Tested.AddHours(-tube[0] % 7),
            false,
            result,
            Tested,
            result is null ? 0 : 1,
            cause,
            Tested,
            cause == StandingCause.Positive,
            cause == StandingCause.None ? null : "lab-1"
        );

    private static ReceivedResult Result(int sequence, TestResult result, int? correctionOf) =>
        new(
            new ResultReport("T", sequence, "lab-1", "rt-pcr", result, Tested.AddMinutes(sequence), correctionOf),
            Guid.Empty,
            Tested.AddDays(1),
            Held: false,
            "lab-1"
        );
}
