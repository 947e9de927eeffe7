using FsCheck;
using FsCheck.Fluent;
using Grid.Codes;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using static Grid.Results.TestResult;
using TestResult = Grid.Results.TestResult;

namespace Grid.Tests.Residents;

/// <summary>How a person's other tests end a pool's hold or a positive.</summary>
public sealed class RetestTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 4, 9, 0, 0, TimeSpan.Zero);
    private static readonly CodeOptions Options = new();
    private static readonly Guid Resident = Guid.NewGuid();

    /// <summary>The final result of one tube of the person.</summary>
    public sealed record Test(string Tube, int Hour, bool Single, TestResult Result);

    public static TheoryData<string, Test[], CodeColour> Cases =>
        new()
        {
            { "a pool holds", [Pool("P", 0, Positive)], CodeColour.Yellow },
            { "a negative single retest ends it", [Pool("P", 0, Positive), Alone("R", 5, Negative)], CodeColour.Green },
            {
                "one collected with the pool's sample does",
                [Pool("P", 0, Positive), Alone("R", 0, Negative)],
                CodeColour.Green
            },
            { "an earlier one does not", [Pool("P", 0, Positive), Alone("R", -1, Negative)], CodeColour.Yellow },
            { "another pool does not", [Pool("P", 0, Positive), Pool("Q", 5, Negative)], CodeColour.Yellow },
            { "an invalid retest does not", [Pool("P", 0, Positive), Alone("R", 5, Invalid)], CodeColour.Yellow },
            { "a positive retest confirms", [Pool("P", 0, Positive), Alone("R", 5, Positive)], CodeColour.Red },
            {
                "one retest ends the holds of both pools",
                [Pool("P", 0, Positive), Pool("Q", 2, Positive), Alone("R", 5, Negative)],
                CodeColour.Green
            },
            {
                "a retest between two pools ends one",
                [Pool("P", 0, Positive), Alone("R", 1, Negative), Pool("Q", 2, Positive)],
                CodeColour.Yellow
            },
            {
                "one negative does not end a positive",
                [Alone("S", 0, Positive), Alone("A", 48, Negative)],
                CodeColour.Red
            },
            {
                "two negatives a day apart do",
                [Alone("S", 0, Positive), Alone("A", 24, Negative), Alone("B", 48, Negative)],
                CodeColour.Green
            },
            {
                "two too close do not",
                [Alone("S", 0, Positive), Alone("A", 24, Negative), Alone("B", 47, Negative)],
                CodeColour.Red
            },
            {
                "the first and last of three do",
                [Alone("S", 0, Positive), Alone("A", 24, Negative), Alone("B", 36, Negative), Alone("C", 48, Negative)],
                CodeColour.Green
            },
            {
                "pools do not",
                [Alone("S", 0, Positive), Pool("A", 24, Negative), Pool("B", 48, Negative)],
                CodeColour.Red
            },
            {
                "earlier ones do not",
                [Alone("A", -48, Negative), Alone("B", -24, Negative), Alone("S", 0, Positive)],
                CodeColour.Red
            },
            {
                "a second positive needs two of its own",
                [
                    Alone("S", 0, Positive),
                    Alone("A", 24, Negative),
                    Alone("S2", 36, Positive),
                    Alone("B", 48, Negative),
                ],
                CodeColour.Red
            },
            {
                "a pool's hold after the recovery stays",
                [Alone("S", 0, Positive), Alone("A", 24, Negative), Alone("B", 48, Negative), Pool("P", 60, Positive)],
                CodeColour.Yellow
            },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tests_in_any_order_give_the_same_colour(string why, Test[] tests, CodeColour expected)
    {
        Prop.ForAll(Gen.Shuffle(tests).ToArbitrary(), shuffled =>
            {
                var state = Apply(new ResidentState { Profile = [1] }, shuffled);
                Assert.True(
                    expected == Colour(state),
                    $"{why}: {Colour(state)} after {string.Join(", ", shuffled.Select(test => test.Tube))}"
                );
            })
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_retest_ends_the_hold_of_that_person_and_no_other_cause()
    {
        var contact = new Cause(
            Guid.NewGuid(),
            CauseKind.Contact,
            CodeColour.Yellow,
            "case:1",
            1,
            Start,
            null,
            "city",
            null
        );
        var state = Apply(new ResidentState { Profile = [1], Causes = [contact] }, [Pool("P", 0, Positive)]);
        Assert.Equal(2, state.Causes.Length);

        state = Apply(state, [Alone("R", 5, Negative)]);

        Assert.Equal([contact], state.Causes);
        Assert.Equal("tube:R result 1", Assert.Single(state.Ended).EndedBy);
    }

    [Fact]
    public void A_retest_before_the_pool_s_result_shows_the_hold_as_ended()
    {
        var state = Apply(new ResidentState { Profile = [1] }, [Alone("R", 5, Negative), Pool("P", 0, Positive)]);

        Assert.Empty(state.Causes);
        var ended = Assert.Single(state.Ended);
        Assert.Equal((CauseKind.PoolHold, "tests before its result"), (ended.Cause.Kind, ended.EndedBy));
    }

    [Fact]
    public void Correcting_or_withdrawing_a_retest_restores_the_hold()
    {
        var state = Apply(new ResidentState { Profile = [1] }, [Pool("P", 0, Positive), Alone("R", 5, Negative)]);
        var retest = Standing(Alone("R", 5, Negative));

        var corrected = ResidentRules.Apply(
            state,
            Resident,
            retest with
            {
                Revision = 2,
                Result = Invalid,
            },
            Start,
            Options
        )!;
        Assert.Equal(CodeColour.Yellow, Colour(corrected));
        var withdrawn = ResidentRules.Apply(
            state,
            Resident,
            retest with
            {
                Revision = 2,
                Withdrawn = true,
            },
            Start,
            Options
        )!;
        Assert.Equal(CodeColour.Yellow, Colour(withdrawn));
        Assert.Equal(state.Version + 1, withdrawn.Version);
    }

    [Fact]
    public void A_hold_that_ended_stays_ended_when_its_tests_are_forgotten() =>
        Prop.ForAll(Gen.Choose(1, 3 * ResidentState.MaxTests).ToArbitrary(), count =>
            {
                var state = Apply(
                    new ResidentState { Profile = [1] },
                    [Pool("P", 0, Positive), Alone("R", 5, Negative)]
                );
                state = Apply(state, [Alone("S", 6, Positive), Alone("A", 30, Negative), Alone("B", 54, Negative)]);
                state = Apply(state, Enumerable.Range(60, count).Select(hour => Pool($"T{hour}", hour, Negative)));
                return Colour(state) == CodeColour.Green
                    && state.Tests.Length <= ResidentState.MaxTests
                    && state.Asked.Length <= ResidentState.MaxAsked;
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_positive_that_nothing_ends_stays_red_after_any_number_of_tests()
    {
        var state = Apply(new ResidentState { Profile = [1] }, [Alone("S", 0, Positive)]);
        state = Apply(
            state,
            Enumerable.Range(1, 3 * ResidentState.MaxTests).Select(hour => Pool($"T{hour}", hour, Positive))
        );

        Assert.Equal(CodeColour.Red, Colour(state));
        Assert.InRange(state.Asked.Length, 1, ResidentState.MaxAsked);
        Assert.InRange(state.Causes.Length, 1, ResidentState.MaxAsked);
    }

    [Fact]
    public void The_settings_define_the_number_and_spacing_of_negatives()
    {
        var options = new CodeOptions { RecoveryNegatives = 3, RecoveryInterval = TimeSpan.FromHours(12) };
        Test[] tests = [Alone("S", 0, Positive), Alone("A", 24, Negative), Alone("B", 36, Negative)];

        var state = Apply(new ResidentState { Profile = [1] }, tests, options);
        Assert.Equal(CodeColour.Red, Colour(state));
        Assert.Equal(CodeColour.Green, Colour(Apply(state, [Alone("C", 48, Negative)], options)));
    }

    [Fact]
    public void A_cause_names_its_laboratory_and_when_its_end_is_expected()
    {
        var state = Apply(new ResidentState { Profile = [1] }, [Pool("P", 0, Positive), Alone("S", 1, Positive)]);

        Assert.Equal(
            [("lab-1", state.Causes[0].Since + Options.RetestWithin), ("lab-1", null)],
            state.Causes.Select(cause => (cause.Issuer, cause.ReleaseExpectedBy))
        );
    }

    private static Test Pool(string tube, int hour, TestResult result) => new(tube, hour, false, result);

    private static Test Alone(string tube, int hour, TestResult result) => new(tube, hour, true, result);

    private static CodeColour Colour(ResidentState state) => CodeRules.Colour(state.Causes, Start.AddDays(10));

    private static ResidentState Apply(ResidentState state, IEnumerable<Test> tests, CodeOptions? options = null) =>
        tests.Aggregate(state, (before, test) =>
            ResidentRules.Apply(before, Resident, Standing(test), Start.AddDays(10), options ?? Options)!
        );

    private static TubeStanding Standing(Test test)
    {
        var collectedAt = Start.AddHours(test.Hour);
        var report = new ResultReport(test.Tube, 1, "lab-1", "rt-pcr", test.Result, collectedAt.AddHours(1), null);
        var received = new ReceivedResult(report, Guid.Empty, collectedAt.AddHours(2), Held: false, "lab-1");
        var capacity = test.Single ? 1 : 10;
        var member = new TubeMember(Resident, collectedAt, 0, 1, 0, null, 0, new TubeHand("site-1", collectedAt), null);
        return TubeRules.Standing(test.Tube, member, TubeRules.Verdict([received], capacity), capacity);
    }
}
