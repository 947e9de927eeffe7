using Grid.Codes;
using Grid.Results;
using Grid.Scans;
using Grid.Venues;

namespace Grid.Tests.Scans;

public sealed class AdmissionTests
{
    private const int GreenOnly = 1 << (int)CodeColour.Green;
    private static readonly DateTimeOffset Now = new(2026, 1, 4, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(CodeColour.Green, 47, TestResult.Negative, 2, RefusalReasons.None)]
    [InlineData(CodeColour.Green, 48, TestResult.Negative, 2, RefusalReasons.None)]
    [InlineData(CodeColour.Green, 49, TestResult.Negative, 2, RefusalReasons.TestTooOld)]
    [InlineData(CodeColour.Green, null, null, 2, RefusalReasons.TestMissing)]
    [InlineData(CodeColour.Green, 1, TestResult.Positive, 2, RefusalReasons.TestMissing)]
    [InlineData(CodeColour.Green, 1, null, 2, RefusalReasons.TestMissing)]
    [InlineData(CodeColour.Yellow, 1, TestResult.Negative, 2, RefusalReasons.Colour)]
    [InlineData(
        CodeColour.Grey,
        null,
        null,
        0,
        RefusalReasons.Colour | RefusalReasons.TestMissing | RefusalReasons.Doses
    )]
    [InlineData(
        CodeColour.Red,
        100,
        TestResult.Negative,
        1,
        RefusalReasons.Colour | RefusalReasons.TestTooOld | RefusalReasons.Doses
    )]
    public void A_venue_names_every_reason_against_admission(
        CodeColour colour,
        int? ageHours,
        TestResult? result,
        int doses,
        RefusalReasons expected
    )
    {
        var view = new CodeView
        {
            Colour = colour,
            AsOf = Now,
            Test = new TestView(TestState.Resulted, result, ageHours is { } hours ? Now.AddHours(-hours) : null, null),
            Vaccination = new VaccinationView(doses, null),
        };

        Assert.Equal(expected, Admission.Decide(view, new VenuePolicy(48, 2, GreenOnly)));
    }

    [Fact]
    public void A_venue_that_requires_only_a_colour_admits_without_a_test() =>
        Assert.Equal(
            RefusalReasons.None,
            Admission.Decide(
                new CodeView { Colour = CodeColour.Green, AsOf = Now },
                new VenuePolicy(null, 0, GreenOnly)
            )
        );
}
