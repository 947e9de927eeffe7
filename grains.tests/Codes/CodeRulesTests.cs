using FsCheck;
using FsCheck.Fluent;
using Grid.Codes;
using Grid.Residents;
using Grid.Results;
using TestResult = Grid.Results.TestResult;

namespace Grid.Tests.Codes;

public sealed class CodeRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 4, 9, 0, 0, TimeSpan.Zero);
    private static readonly CodeOptions Options = new();

    [Fact]
    public void An_unregistered_resident_is_grey_and_discloses_nothing()
    {
        var view = CodeRules.View(new ResidentState { Causes = [CauseOf(CodeColour.Red)] }, "张*", Now, Options);

        Assert.False(view.Registered);
        Assert.Equal(CodeColour.Grey, view.Colour);
        Assert.Equal("", view.Name);
        Assert.Empty(view.Causes);
    }

    [Theory]
    [InlineData(new CodeColour[] { }, CodeColour.Green)]
    [InlineData(new[] { CodeColour.Yellow }, CodeColour.Yellow)]
    [InlineData(new[] { CodeColour.Red }, CodeColour.Red)]
    [InlineData(new[] { CodeColour.Yellow, CodeColour.Red, CodeColour.Yellow }, CodeColour.Red)]
    [InlineData(new[] { CodeColour.Green, CodeColour.Grey }, CodeColour.Green)]
    public void The_colour_is_the_worst_of_the_active_causes(CodeColour[] causes, CodeColour expected) =>
        Assert.Equal(expected, Show(causes.Select(colour => CauseOf(colour)).ToArray()).Colour);

    [Theory]
    [InlineData(-1, CodeColour.Yellow)]
    [InlineData(0, CodeColour.Yellow)]
    [InlineData(59, CodeColour.Yellow)]
    [InlineData(60, CodeColour.Green)]
    public void A_cause_holds_until_its_end_even_if_the_clock_is_before_its_start(int minute, CodeColour expected)
    {
        var cause = CauseOf(CodeColour.Yellow) with { Since = Now, Until = Now.AddHours(1) };

        var view = CodeRules.View(Registered([cause]), "张*", Now.AddMinutes(minute), Options);

        Assert.Equal(expected, view.Colour);
        Assert.Equal(expected == CodeColour.Green ? 0 : 1, view.Causes.Length);
    }

    [Fact]
    public void A_view_tells_when_its_next_cause_ends()
    {
        var ending = CauseOf(CodeColour.Red) with { Until = Now.AddHours(2) };
        var endingLater = CauseOf(CodeColour.Yellow) with { Until = Now.AddHours(3) };
        var ended = CauseOf(CodeColour.Red) with { Until = Now.AddHours(-1) };

        Assert.Equal(Now.AddHours(2), Show(endingLater, ending, ended).ChangesAt);
        Assert.Equal(Now.AddHours(3), Show(endingLater, ended).ChangesAt);
        Assert.Null(Show(ended, CauseOf(CodeColour.Yellow)).ChangesAt);
    }

    [Fact]
    public void Ending_one_cause_never_ends_another() =>
        Prop.ForAll(CausesArbitrary, causes =>
            {
                for (var i = 0; i < causes.Length; i++)
                {
                    var without = causes.Where((_, at) => at != i).ToArray();
                    var worst = without
                        .Where(cause => cause.IsActive(Now))
                        .Select(cause => cause.Colour)
                        .DefaultIfEmpty(CodeColour.Green)
                        .Max();
                    if (Show(without).Colour != worst || Show(causes).Colour < worst)
                        return false;
                }
                return true;
            })
            .QuickCheckThrowOnFailure();

    public static TheoryData<TestRecord[], TestView> Tests =>
        new()
        {
            { [], default },
            { [Test(-30, null)], new(TestState.Overdue, null, Now.AddHours(-30), Now.AddHours(-30)) },
            { [Test(-24, null)], new(TestState.Sampled, null, Now.AddHours(-24), Now.AddHours(-24)) },
            { [Test(-13, TestResult.Negative)], new(TestState.Resulted, TestResult.Negative, Now.AddHours(-13), null) },
            {
                [Test(-30, TestResult.Negative), Test(-2, null)],
                new(TestState.Sampled, TestResult.Negative, Now.AddHours(-30), Now.AddHours(-2))
            },
            // An older sample without a result does not hide a newer result.
            {
                [Test(-40, null), Test(-2, TestResult.Negative)],
                new(TestState.Resulted, TestResult.Negative, Now.AddHours(-2), null)
            },
            // An inconclusive test does not replace a valid result.
            {
                [Test(-20, TestResult.Negative), Test(-2, TestResult.Invalid)],
                new(TestState.Resulted, TestResult.Negative, Now.AddHours(-20), null)
            },
            {
                [Test(-2, TestResult.Inconclusive)],
                new(TestState.Resulted, TestResult.Inconclusive, Now.AddHours(-2), null)
            },
            { [Test(-2, TestResult.Negative) with { Withdrawn = true }], default },
        };

    [Theory]
    [MemberData(nameof(Tests))]
    public void The_newest_test_is_shown(TestRecord[] tests, TestView expected) =>
        Assert.Equal(expected, CodeRules.Test(tests, Now, Options));

    private static Arbitrary<Cause[]> CausesArbitrary =>
        (
            from colour in Gen.Elements(CodeColour.Yellow, CodeColour.Red)
            from since in Gen.Choose(-5, 5)
            from until in Gen.Choose(-5, 5)
            select CauseOf(colour) with
            {
                Since = Now.AddHours(since),
                Until = until == 0 ? null : Now.AddHours(until),
            }
        )
            .ArrayOf()
            .ToArbitrary();

    private static Cause CauseOf(CodeColour colour) =>
        new(
            Guid.NewGuid(),
            CauseKind.Contact,
            colour,
            "case:1",
            CodeRules.Version,
            Now.AddDays(-1),
            null,
            "city",
            null
        );

    private static TestRecord Test(int hours, TestResult? result) =>
        new(
            Guid.NewGuid(),
            1,
            Now.AddHours(hours).ToUnixTimeMilliseconds(),
            Now.AddHours(hours + 1).ToUnixTimeMilliseconds(),
            result,
            false,
            false
        );

    private static ResidentState Registered(Cause[] causes) => new() { Profile = [1], Causes = causes };

    private static CodeView Show(params Cause[] causes) => CodeRules.View(Registered(causes), "张*", Now, Options);
}
