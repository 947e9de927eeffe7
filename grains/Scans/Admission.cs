using Grid.Codes;
using Grid.Results;
using Grid.Venues;

namespace Grid.Scans;

/// <summary>Decides whether a venue admits a person: a pure function of the view and the venue's policy.</summary>
public static class Admission
{
    /// <summary>Every reason against admission; none when the venue admits the person.</summary>
    public static RefusalReasons Decide(in CodeView view, VenuePolicy policy)
    {
        var reasons = RefusalReasons.None;
        if (!policy.Admits(view.Colour))
            reasons |= RefusalReasons.Colour;
        if (policy.MaxTestAgeHours is { } hours)
            reasons |= Test(view, TimeSpan.FromHours(hours));
        if (view.Vaccination.Doses < policy.MinDoses)
            reasons |= RefusalReasons.Doses;
        return reasons;
    }

    private static RefusalReasons Test(in CodeView view, TimeSpan maxAge)
    {
        if (view.Test.Result != TestResult.Negative || view.Test.CollectedAt is not { } collectedAt)
            return RefusalReasons.TestMissing;
        return view.AsOf - collectedAt > maxAge ? RefusalReasons.TestTooOld : RefusalReasons.None;
    }
}
