using Grid.Codes;
using Grid.Gateway.Scans;
using Grid.Gateway.Tokens;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Scans;
using Grid.Vaccination;
using Grid.Venues;

namespace Grid.Tests.Simulation;

/// <summary>The actions of each kind of caller.</summary>
internal sealed partial class Callers
{
    private static readonly Venue MetroVenue = new(
        "Metro 1",
        610113,
        new VenuePolicy(null, 0, 1 << (int)CodeColour.Green)
    );

    private readonly Fact _venue = new();

    private async Task Administrator()
    {
        _venue.Try(world.Now);
        await Insist("venue", async gateway =>
        {
            await gateway.Grains.GetGrain<IVenueGrain>(TownPlan.VenueId).Put(MetroVenue, "admin-1");
            return true;
        });
        _venue.Know(world.Now);
    }

    private async Task Registrar(Person person)
    {
        await Pause(0, _spreadMs / 4);
        person.Registered.Try(world.Now);
        await Insist(
            "register",
            gateway => gateway.Grains.GetGrain<IResidentGrain>(person.Key).Register(person.Registration),
            CallKind.One
        );
        person.Registered.Know(world.Now);
    }

    private async Task Clinic(Person person, SimDose dose)
    {
        await Until(person.Registered);
        await Pause(0, _spreadMs);
        await Vaccinate(dose);
    }

    private async Task<DoseStatus> Vaccinate(SimDose dose)
    {
        dose.Given.Try(world.Now);
        var status = await Insist("dose", gateway =>
            gateway.Grains.GetGrain<IDoseGrain>(dose.Record.RecordId).Report(dose.Record, TownPlan.Clinic)
        );
        checks.Require(
            status is DoseStatus.Accepted or DoseStatus.Replayed,
            $"dose {dose.Record.RecordId} was answered with {status}"
        );
        dose.Given.Know(world.Now);
        LookAfter(town.People.Find(person => person.Key == dose.Record.Resident)!);
        return status;
    }

    private async Task Sampler(SimTube tube)
    {
        foreach (var member in tube.Members)
            await Until(member.Person.Registered);
        await Pause(0, _spreadMs);
        if (tube.IsImported)
        {
            await Import(tube);
            return;
        }

        await Open(tube);
        foreach (var member in tube.Members)
        {
            await Add(tube, member);
            await Pause(0, 50);
        }

        if (tube.Members.Count > 1 && _random.Chance(0.3))
            await Withdraw(tube, _random.Pick(tube.Members));
        await Seal(tube);
    }

    private async Task<TubeStatus> Open(SimTube tube)
    {
        tube.Opened.Try(world.Now);
        var answer = await Insist($"open {tube.Id}", gateway =>
            gateway.Grains.GetGrain<ITubeGrain>(tube.Id).Open(tube.Opening, TownPlan.Site)
        );
        checks.Require(
            answer.Status is TubeStatus.Done or TubeStatus.Replayed,
            $"the opening of {tube.Id} was answered with {answer.Status}"
        );
        tube.Opened.Know(world.Now);
        return answer.Status;
    }

    private async Task<TubeStatus> Add(SimTube tube, Member member)
    {
        member.Added.Try(world.Now);
        var answer = await Insist($"sample in {tube.Id}", gateway =>
            gateway.Grains.GetGrain<ITubeGrain>(tube.Id).AddSample(SampleOf(tube, member), TownPlan.Site)
        );
        checks.Require(
            answer.Status is TubeStatus.Done or TubeStatus.Replayed,
            $"a sample in {tube.Id} was answered with {answer.Status}, {answer.Count} of {answer.Capacity}"
        );
        member.Added.Know(world.Now);
        return answer.Status;
    }

    private async Task Withdraw(SimTube tube, Member member)
    {
        member.Withdrawn.Try(world.Now);
        var answer = await Insist($"withdraw from {tube.Id}", gateway =>
            gateway.Grains.GetGrain<ITubeGrain>(tube.Id).Withdraw(member.Person.Key, "leaked", TownPlan.Site)
        );
        checks.Require(
            answer.Status is TubeStatus.Done or TubeStatus.Replayed,
            $"a withdrawal from {tube.Id} was answered with {answer.Status}"
        );
        member.Withdrawn.Know(world.Now);
    }

    private async Task<TubeStatus> Seal(SimTube tube)
    {
        tube.Sealed.Try(world.Now);
        var answer = await Insist($"seal {tube.Id}", gateway =>
            gateway.Grains.GetGrain<ITubeGrain>(tube.Id).Seal(TownPlan.Site)
        );
        checks.Require(
            answer.Status is TubeStatus.Done or TubeStatus.Replayed,
            $"the sealing of {tube.Id} was answered with {answer.Status}"
        );
        tube.Sealed.Know(world.Now);
        return answer.Status;
    }

    private async Task<TubeStatus> Import(SimTube tube)
    {
        tube.Opened.Try(world.Now);
        foreach (var member in tube.Members)
            member.Added.Try(world.Now);
        var whole = new WholeTube(tube.Opening, [.. tube.Members.Select(member => SampleOf(tube, member))], Seal: true);
        var answer = await Insist($"import {tube.Id}", gateway =>
            gateway.Grains.GetGrain<ITubeGrain>(tube.Id).Import(whole, TownPlan.Site)
        );
        checks.Require(
            answer.Status is TubeStatus.Done or TubeStatus.Replayed,
            $"the import of {tube.Id} was answered with {answer.Status}"
        );
        tube.Opened.Know(world.Now);
        tube.Sealed.Know(world.Now);
        foreach (var member in tube.Members)
            member.Added.Know(world.Now);
        return answer.Status;
    }

    private async Task Laboratory(SimTube tube)
    {
        await Pause(0, _spreadMs);
        if (!tube.IsImported)
            await Until(tube.Sealed);
        foreach (var result in tube.Results)
        {
            await Pause(0, _spreadMs / 2);
            var opened = tube.Opened.IsKnown;
            var receipt = await Report(tube, result);
            checks.Require(
                receipt.Applied || !opened,
                $"result {result.Report.Sequence} of {tube.Id} is held, and the tube is open"
            );
            // Before the tube arrives, contradicting results both wait for an operator.
            if (opened && _random.Chance(0.3))
                await Contradict(tube, result);
            if (_random.Chance(0.3))
                await Report(tube, _random.Pick(tube.Results.FindAll(static each => each.Reported.IsKnown)));
        }
    }

    private async Task<ResultReceipt> Report(SimTube tube, SimResult result)
    {
        result.Reported.Try(world.Now);
        var receipt = await Insist($"result {result.Report.Sequence} of {tube.Id}", gateway =>
            gateway.Grains.GetGrain<ITubeGrain>(tube.Id).Report(result.Report, TownPlan.Laboratory)
        );
        checks.Require(
            receipt.Status is ResultStatus.Accepted or ResultStatus.Replayed,
            $"result {result.Report.Sequence} of {tube.Id} was answered with {receipt.Status}"
        );
        checks.Require(
            (result.ReceiptId ??= receipt.ReceiptId) == receipt.ReceiptId,
            $"result {result.Report.Sequence} of {tube.Id} has two receipts"
        );
        result.Reported.Know(world.Now);
        foreach (var member in tube.Members)
            LookAfter(member.Person);
        return receipt;
    }

    // Other content under a used key changes nothing.
    private async Task Contradict(SimTube tube, SimResult result)
    {
        var other = result.Report with
        {
            Result = result.Report.Result == TestResult.Positive ? TestResult.Negative : TestResult.Positive,
        };
        var receipt = await Insist($"contradiction of {tube.Id}", gateway =>
            gateway.Grains.GetGrain<ITubeGrain>(tube.Id).Report(other, TownPlan.Laboratory)
        );
        checks.Require(
            receipt.Status == ResultStatus.Conflict && receipt.ReceiptId == result.ReceiptId,
            $"a contradiction of {tube.Id} was answered with {receipt.Status}"
        );
    }

    // Phones poll during the storm, each at its own interval, without waiting for earlier answers.
    private async Task Phone(Task calm)
    {
        var rhythm = _random.Between(20, 200);
        while (!calm.IsCompleted)
        {
            await Pause(1, 2 * rhythm);
            _looks.Add(Look(_random.Pick(town.People)));
        }
    }

    // A notified person refreshes the display at once through each entrance, and once more later: a stale answer would
    // show then.
    private void LookAfter(Person person)
    {
        foreach (var at in entrances)
            _looks.Add(Look(person, at));
        _looks.Add(LookLater());

        async Task LookLater()
        {
            await Pause(1, 600);
            await Look(person);
        }
    }

    private async Task Look(Person person, Entrance? at = null)
    {
        var (start, version) = (world.Now, person.VersionSeen);
        if (_random.Chance(0.7))
        {
            var (isAnswered, view) = await Try(
                "display",
                gateway => gateway.Residents.ShowAsync(person.Key).AsTask(),
                CallKind.One,
                at
            );
            if (isAnswered)
                checks.Display(person, version, start, view);
        }
        else
        {
            var (isAnswered, history) = await Try(
                "history",
                gateway => gateway.Grains.GetGrain<IResidentGrain>(person.Key).History().AsTask(),
                CallKind.One,
                at
            );
            if (isAnswered)
                checks.History(person, start, history);
        }
    }

    private async Task Door(SimScan[] scans)
    {
        await Until(_venue);
        foreach (var scan in scans)
        {
            await Pause(0, _spreadMs / 2);
            // A scanner without an answer retries, even while the first request is in flight.
            await Task.WhenAll(Enumerable.Range(0, _random.Chance(0.3) ? 2 : 1).Select(_ => Scan(scan)));
            if (_random.Chance(0.2))
                await OtherScan(scan);
        }
    }

    private async Task<VisitStatus> Scan(SimScan scan)
    {
        var start = world.Now;
        scan.FirstSent ??= start;
        // The row was decided after this try started, or by an earlier try that failed for its caller.
        for (; ; await Pause(20, 500))
        {
            start = world.Now;
            _busy.Add($"scan {scan.Id}");
            var (isAnswered, receipt) = await Try(
                $"scan {scan.Id}",
                gateway => Enter(gateway, scan, scan.Content),
                CallKind.Several
            );
            if (!isAnswered)
                continue;
            _busy.Remove($"scan {scan.Id}");
            checks.Scan(scan, start, receipt);
            return receipt.Status;
        }
    }

    private async Task OtherScan(SimScan scan)
    {
        var receipt = await Insist("other scan", gateway => Enter(gateway, scan, scan.Content + 1), CallKind.Several);
        checks.Conflict(scan, receipt);
    }

    // The same steps as the scan endpoint's, with a verified code.
    private static async Task<VisitReceipt> Enter(SimGateway gateway, SimScan scan, ulong content)
    {
        var venue = await gateway.Scans.VenueAsync(TownPlan.VenueId)
            ?? throw new InvalidOperationException("The venue is not known.");
        var request = new ScanRequest(
            scan.Id,
            scan.Key,
            TownPlan.VenueId,
            DisplayTokenCheck.Valid,
            scan.Person.Key,
            content
        );
        return await gateway.Scans.ScanAsync(request, venue, $"{TownPlan.VenueId}/door-1");
    }

    private static SampleCollected SampleOf(SimTube tube, Member member) =>
        new(member.Person.Key, tube.CollectedAt, member.Command);
}
