using Grid.Codes;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Scans;
using Grid.Vaccination;

namespace Grid.Tests.Simulation;

/// <summary>The people, tubes and scans of a seed, and what the callers know of them.</summary>
internal sealed class Town
{
    internal List<Person> People { get; } = [];

    internal List<SimTube> Tubes { get; } = [];

    internal List<SimScan> Scans { get; } = [];
}

/// <summary>A resident as the callers know it.</summary>
internal sealed class Person(Guid key, Registration registration)
{
    internal Guid Key { get; } = key;

    internal Registration Registration { get; } = registration;

    internal Fact Registered { get; } = new();

    /// <summary>The highest version that anybody was shown.</summary>
    internal int VersionSeen { get; set; }

    internal List<SimTube> Tubes { get; } = [];

    internal List<SimDose> Doses { get; } = [];

    /// <summary>Every colour that the resident may have at some moment between two, a bit each.</summary>
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

/// <summary>What a resident may have in one tube.</summary>
/// <param name="IsIn">Whether a sample is there.</param>
/// <param name="Result">The result for this member; null while it waits.</param>
/// <param name="Colour">What the tube asks of the colour.</param>
/// <param name="IsSingle">Whether the tube holds one sample.</param>
/// <param name="CollectedAt">When the sample was taken.</param>
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
    /// The colour that a resident has by all of them. A negative single test ends a pool's hold unless it was taken before. Two
    /// that would end a positive lie further apart than any in a town.
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

/// <summary>A tube as the callers know it.</summary>
internal sealed class SimTube(string id, TubeOpening opening, DateTimeOffset collectedAt)
{
    internal string Id { get; } = id;

    internal Guid Key { get; } = StableId.Of(id);

    internal TubeOpening Opening { get; } = opening;

    internal DateTimeOffset CollectedAt { get; } = collectedAt;

    internal Fact Opened { get; } = new();

    internal Fact Sealed { get; } = new();

    /// <summary>
    /// Whether its site has no connection, so that it comes as a whole, perhaps after its results. The results of the others
    /// come after it is sealed: nobody tests a tube that is open.
    /// </summary>
    internal bool IsImported { get; init; }

    internal List<Member> Members { get; } = [];

    /// <summary>What the laboratory reports, in its order: one is only sent when the one before is known to be there.</summary>
    internal List<SimResult> Results { get; } = [];

    internal Member? MemberOf(Person person) => Members.Find(member => ReferenceEquals(member.Person, person));

    /// <summary>Everything that the tube may say of a member between two moments.</summary>
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

/// <summary>One scan, under its id, however often it is sent.</summary>
internal sealed record SimScan(string Id, Person Person, ulong Content)
{
    /// <summary>The id of its row.</summary>
    internal string Key { get; } = ScanKey.Of(TownPlan.VenueId, Id).ToString();

    /// <summary>When it was first sent; null before.</summary>
    internal long? FirstSent { get; set; }

    /// <summary>The row that every answer must show.</summary>
    internal Visit? Row { get; set; }

    /// <summary>How often somebody was told that it was recorded just now.</summary>
    internal int Recorded { get; set; }
}
