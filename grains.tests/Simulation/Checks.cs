using Grid.Codes;
using Grid.Residents;
using Grid.Scans;

namespace Grid.Tests.Simulation;

/// <summary>Checks every answer against what the callers know: rules that hold under any failure.</summary>
internal sealed class Checks(SimWorld world, SimDisk disk, bool hasDuplicates)
{
    /// <summary>How long after the storm a second activation may still show outdated state.</summary>
    internal static readonly TimeSpan DuplicatesEnd = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether an answer may be stale, because of second activations. It may still show only what a caller has sent.
    /// </summary>
    private bool MayBeOld => hasDuplicates && world.Now - DuplicatesEnd.Ticks < world.CalmSince;

    /// <summary>The number of displays and histories checked.</summary>
    internal int Made { get; private set; }

    /// <summary>Completes when no answer may be stale any more.</summary>
    internal async Task UntilNothingIsOld(TimeProvider clock)
    {
        while (MayBeOld)
            await Task.Delay(DuplicatesEnd / 10, clock);
    }

    /// <summary>Checks a display that was sent at <paramref name="start"/> and answered now.</summary>
    internal void Display(Person person, int versionBefore, long start, in CodeView view)
    {
        Made++;
        var end = world.Now;
        start = OldestOf(start);
        Require(
            view.Version >= versionBefore || MayBeOld,
            $"{Name(person)} was shown in version {view.Version} after version {versionBefore}"
        );
        person.VersionSeen = Math.Max(person.VersionSeen, view.Version);
        if (!view.Registered)
        {
            Require(
                !person.Registered.MustBeAt(start),
                $"{Name(person)} is registered, and a display does not know him"
            );
            return;
        }

        Require(person.Registered.MayBeAt(end), $"{Name(person)} was shown before anybody registered him");
        Require(
            (person.Colours(start, end) & (1 << (int)view.Colour)) != 0,
            $"{Name(person)} was shown {view.Colour}; {Known(person, start, end)}"
        );
        var least = person
            .Doses.Where(dose => dose.Given.MustBeAt(start))
            .Select(static dose => dose.Record.Number)
            .DefaultIfEmpty()
            .Max();
        var most = person
            .Doses.Where(dose => dose.Given.MayBeAt(end))
            .Select(static dose => dose.Record.Number)
            .DefaultIfEmpty()
            .Max();
        Require(
            view.Vaccination.Doses >= least && view.Vaccination.Doses <= most,
            $"{Name(person)} was shown {view.Vaccination.Doses} doses; {least} are known, {most} were given"
        );
    }

    /// <summary>Checks a history that was requested at <paramref name="start"/> and answered now.</summary>
    internal void History(Person person, long start, ResidentHistory history)
    {
        Made++;
        var end = world.Now;
        start = OldestOf(start);
        foreach (var tube in person.Tubes)
        {
            var found = Array.FindAll(history.Tests, test => test.Tube == tube.Key);
            Require(found.Length <= 1, $"{Name(person)} has {found.Length} tests of {tube.Id}");
            var seen = found.Length == 0 ? (false, null) : (true, found[0].Result);
            Require(
                tube.StandingsOf(person, start, end).Any(standing => (standing.IsIn, standing.Result) == seen),
                $"{Name(person)} has {(found.Length == 0 ? "no test" : $"'{found[0].Result}'")} of {tube.Id}; "
                    + $"{Known(person, start, end)}"
            );
        }

        Require(
            history.Tests.All(test => person.Tubes.Exists(tube => tube.Key == test.Tube)),
            $"{Name(person)} has a test of a tube that he was never in"
        );
        foreach (var dose in person.Doses)
        {
            var found = history.Doses.Count(each => each.Record == StableId.ShortOf(dose.Record.RecordId));
            Require(
                found <= 1 && (found == 1 || !dose.Given.MustBeAt(start)) && (found == 0 || dose.Given.MayBeAt(end)),
                $"{Name(person)} has dose {dose.Record.RecordId} {found} times"
            );
        }

        Require(
            history.Causes.DistinctBy(static cause => cause.Source).Count() == history.Causes.Length,
            $"{Name(person)} has two causes of one source"
        );
    }

    /// <summary>Checks the answer to a scan that was sent at <paramref name="start"/>.</summary>
    internal void Scan(SimScan scan, long start, in VisitReceipt receipt)
    {
        var visit = receipt.Visit;
        if (receipt.Status == VisitStatus.Conflict)
        {
            world.Fail($"scan {scan.Id} is a conflict with itself");
            return;
        }

        Require(
            visit.Content == scan.Content && visit.Resident == scan.Person.Key,
            $"scan {scan.Id} was answered with another's row"
        );
        if (receipt.Status == VisitStatus.Recorded)
            Require(++scan.Recorded == 1, $"scan {scan.Id} was recorded {scan.Recorded} times");
        Require(scan.Row is null || scan.Row == visit, $"scan {scan.Id} was answered with two different outcomes");
        scan.Row ??= visit;
        // An existing row may show the state at an earlier try.
        var from = OldestOf(receipt.Status == VisitStatus.Recorded ? start : scan.FirstSent!.Value);
        var possible = scan.Person.Colours(from, world.Now);
        if (!scan.Person.Registered.MustBeAt(from))
            possible |= 1 << (int)CodeColour.Grey;
        Require(
            (possible & (1 << (int)visit.Colour)) != 0,
            $"scan {scan.Id} saw {Name(scan.Person)} {visit.Colour}; {Known(scan.Person, from, world.Now)}"
        );
    }

    /// <summary>Checks the answer to another scan under a used id.</summary>
    internal void Conflict(SimScan scan, in VisitReceipt receipt) =>
        Require(
            receipt.Status == VisitStatus.Conflict && receipt.Visit == scan.Row,
            $"another scan under the id {scan.Id} was answered with {receipt.Status}"
        );

    /// <summary>Checks the rows of all visits at the end.</summary>
    internal void Rows(Town town)
    {
        foreach (var scan in town.Scans)
        {
            var rows = disk.VisitsOf(scan.Key);
            Require(rows.Count <= 1, $"scan {scan.Id} has {rows.Count} rows");
            if (scan.Row is { } told)
                Require(
                    rows.Count == 1 && rows[0] == told,
                    $"scan {scan.Id} was answered, and has {(rows.Count == 0 ? "no" : "another")} row"
                );
        }

        Require(
            disk.VisitCount == town.Scans.Sum(scan => disk.VisitsOf(scan.Key).Count),
            "there are visits that nobody made"
        );
    }

    /// <summary>Checks a resident at the end: each known fact is stored once.</summary>
    internal void Settled(Person person, in CodeView view, ResidentHistory history)
    {
        // One version for the registration, each sample, withdrawal and result of a tube, and each dose.
        var most =
            1
            + person.Doses.Count(static dose => dose.Given.IsTried)
            + person.Tubes.Sum(tube =>
                tube.MemberOf(person) is { Added.IsTried: true } member
                    ? 1
                        + (member.Withdrawn.IsTried ? 1 : 0)
                        + tube.Results.Count(static result => result.Reported.IsTried)
                    : 0
            );
        Require(view.Version <= most, $"{Name(person)} was changed {view.Version} times; {most} were called for");
        Require(
            history.Tests.Length + history.Doses.Length < view.Version || !view.Registered,
            $"{Name(person)} has more tests and doses than changes"
        );
    }

    internal void Require(
        bool holds,
        [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument("holds")] Complaint complaint
    )
    {
        if (!holds)
            world.Fail(complaint.Take());
    }

    internal void Require(bool holds, string complaint)
    {
        if (!holds)
            world.Fail(complaint);
    }

    private long OldestOf(long start) => MayBeOld ? long.MinValue : start;

    private static string Name(Person person) => $"resident {person.Key:N}"[..14];

    private static string Known(Person person, long start, long end) =>
        "possible: "
        + string.Join(
            "; ",
            person.Tubes.Select(tube =>
                $"{tube.Id} ({tube.Opening.Capacity}): "
                + string.Join(" or ", tube.StandingsOf(person, start, end).Select(Text))
            )
        );

    private static string Text(Standing standing) =>
        standing.IsIn ? $"{standing.Result?.ToString() ?? "waits"} {standing.Colour}" : "not in";
}
