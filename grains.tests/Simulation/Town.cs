using Grid.Codes;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Scans;
using Grid.Vaccination;

namespace Grid.Tests.Simulation;

/// <summary>The people, tubes and scans of a seed, and the callers' knowledge of them.</summary>
internal sealed class Town
{
    internal List<Person> People { get; } = [];

    internal List<SimTube> Tubes { get; } = [];

    internal List<SimScan> Scans { get; } = [];
}

/// <summary>The callers' knowledge of a resident.</summary>
internal sealed class Person(Guid key, Registration registration)
{
    internal Guid Key { get; } = key;

    internal Registration Registration { get; } = registration;

    internal Fact Registered { get; } = new();

    /// <summary>The highest version shown to any caller.</summary>
    internal int VersionSeen { get; set; }

    internal List<SimTube> Tubes { get; } = [];

    internal List<SimDose> Doses { get; } = [];

    /// <summary>The possible colours of the resident between two times, one bit each.</summary>
    internal int Colours(long start, long end)
    {
        var standings = Tubes.Select(tube => tube.StandingsOf(this, start, end).ToArray()).ToArray();
        var chosen = new Standing[standings.Length];
        return Choose(0);

        int Choose(int tube) =>
            tube == chosen.Length
                ? 1 << (int)Standing.ColourOf(chosen)
                : standings[tube]
                    .Aggregate(0, (colours, standing) =>
                    {
                        chosen[tube] = standing;
                        return colours | Choose(tube + 1);
                    });
    }
}

/// <summary>A dose that a clinic reports.</summary>
internal sealed record SimDose(DoseRecord Record)
{
    internal Fact Given { get; } = new();
}

/// <summary>The possible standing of a resident in one tube.</summary>
/// <param name="IsIn">Whether the sample is in the tube.</param>
/// <param name="Result">The result for this member; null before one arrives.</param>
/// <param name="Colour">The colour that the tube causes.</param>
/// <param name="IsSingle">Whether the tube holds one sample.</param>
/// <param name="CollectedAt">When the sample was collected.</param>
internal readonly record struct Standing(
    bool IsIn,
    TestResult? Result,
    CodeColour Colour,
    bool IsSingle,
    DateTimeOffset CollectedAt
)
{
    internal static readonly Standing None = new(false, null, CodeColour.Green, false, default);

    /// <summary>
    /// The colour from all standings. A negative single test ends a pool's hold unless it was collected earlier. Two
    /// negatives that end a positive are further apart than any in a town.
    /// </summary>
    internal static CodeColour ColourOf(IReadOnlyList<Standing> all)
    {
        var worst = CodeColour.Green;
        foreach (var standing in all)
        {
            if (
                standing.Colour > worst
                && !(standing.Colour == CodeColour.Yellow && all.Any(other => other.Ends(standing)))
            )
                worst = standing.Colour;
        }

        return worst;
    }

    private bool Ends(in Standing hold) =>
        IsIn
        && IsSingle
        && Result == TestResult.Negative
        && Colour == CodeColour.Green
        && CollectedAt >= hold.CollectedAt;
}

/// <summary>The callers' knowledge of a tube.</summary>
internal sealed class SimTube(string id, TubeOpening opening, DateTimeOffset collectedAt)
{
    internal string Id { get; } = id;

    internal Guid Key { get; } = StableId.Of(id);

    internal TubeOpening Opening { get; } = opening;

    internal DateTimeOffset CollectedAt { get; } = collectedAt;

    internal Fact Opened { get; } = new();

    internal Fact Sealed { get; } = new();

    /// <summary>
    /// Whether its site is offline: the tube is imported as a whole, perhaps after its results. Other tubes are sealed
    /// before their results: laboratories do not test open tubes.
    /// </summary>
    internal bool IsImported { get; init; }

    internal List<Member> Members { get; } = [];

    /// <summary>The laboratory's results in order: it sends one once the former was acknowledged.</summary>
    internal List<SimResult> Results { get; } = [];

    internal Member? MemberOf(Person person) => Members.Find(member => ReferenceEquals(member.Person, person));

    /// <summary>The possible standings of a member between two times.</summary>
    internal IEnumerable<Standing> StandingsOf(Person person, long start, long end)
    {
        var member = MemberOf(person)!;
        if (!member.Added.MustBeAt(start) || member.Withdrawn.MayBeAt(end))
            yield return Standing.None;
        if (!member.Added.MayBeAt(end) || member.Withdrawn.MustBeAt(start))
            yield break;
        var least = Results.Count(result => result.Reported.MustBeAt(start));
        var most = Results.Count(result => result.Reported.MayBeAt(end));
        for (var count = least; count <= most; count++)
            yield return StandingAfter(count);
    }

    private Standing StandingAfter(int count)
    {
        var results = Results
            .Take(count)
            .Select(result => result.Report.ReportOf(Id, TownPlan.Laboratory))
            .Select(static report => new ReceivedResult(report, default, DateTimeOffset.MaxValue, false, ""))
            .ToArray();
        var verdict = TubeRules.Verdict(results, Opening.Capacity);
        return new Standing(
            true,
            verdict.ForMember,
            verdict.Cause switch
            {
                StandingCause.Hold => CodeColour.Yellow,
                StandingCause.Positive => CodeColour.Red,
                _ => CodeColour.Green,
            },
            Opening.Capacity == 1,
            CollectedAt
        );
    }
}

/// <summary>A sample in a tube.</summary>
internal sealed record Member(Person Person, string Command)
{
    internal Fact Added { get; } = new();

    internal Fact Withdrawn { get; } = new();
}

/// <summary>A result that a laboratory reports.</summary>
internal sealed record SimResult(LabResult Report)
{
    internal Fact Reported { get; } = new();

    internal Guid? ReceiptId { get; set; }
}

/// <summary>One scan. Repeats share its id.</summary>
internal sealed record SimScan(string Id, Person Person, ulong Content)
{
    /// <summary>The key of its row.</summary>
    internal string Key { get; } = ScanKey.Of(TownPlan.VenueId, Id).ToString();

    /// <summary>When it was first sent; null if not sent.</summary>
    internal long? FirstSent { get; set; }

    /// <summary>The row that every answer must return.</summary>
    internal Visit? Row { get; set; }

    /// <summary>The number of answers that reported it as newly recorded.</summary>
    internal int Recorded { get; set; }
}
