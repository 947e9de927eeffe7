using Grid.Codes;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Scans;
using Grid.Vaccination;
using Grid.Venues;

namespace Grid.Tests.Simulation;

/// <summary>What each of them does.</summary>
internal sealed partial class Callers
{
    private static readonly VenuePolicy s_policy = new(null, 0, 1 << (int)CodeColour.Green);

    private async Task Registrar(Person person)
    {
        await Pause(0, _spreadMs / 4);
        person.Registered.Try(world.Now);
        await Insist("register", 1, grains => grains.GetGrain<IResidentGrain>(person.Key).Register(person.Registration));
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
        var status = await Insist("dose", 1, grains => grains.GetGrain<IDoseGrain>(dose.Record.RecordId).Report(dose.Record));
        checks.Require(
            status is DoseStatus.Accepted or DoseStatus.Replayed, $"dose {dose.Record.RecordId} was answered with {status}");
        dose.Given.Know(world.Now);
        LookAfter(town.People.Find(person => person.Key == dose.Record.Resident)!);
        return status;
    }

    private async Task Sampler(SimTube tube)
    {
        foreach (var member in tube.Members)
            await Until(member.Person.Registered);
        await Pause(0, _spreadMs);
        if (_random.Chance(0.3))
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

        // Of a sample that was sent twice the first sending may still be under way, with a silo that is frozen, and come in behind a
        // withdrawal: nobody can be told what the tube then has.
        var certain = tube.Members.Where(static member => !member.IsSentAgain).ToList();
        if (tube.Members.Count > 1 && certain.Count > 0 && _random.Chance(0.3))
            await Withdraw(tube, _random.Pick(certain));
        await Seal(tube);
    }

    private async Task<TubeStatus> Open(SimTube tube)
    {
        tube.Opened.Try(world.Now);
        var answer = await Insist($"open {tube.Id}", 1, grains => grains.GetGrain<ITubeGrain>(tube.Id).Open(tube.Opening));
        checks.Require(answer.Status is TubeStatus.Done or TubeStatus.Replayed, $"the opening of {tube.Id} was answered with {answer.Status}");
        tube.Opened.Know(world.Now);
        return answer.Status;
    }

    private async Task<TubeStatus> Add(SimTube tube, Member member)
    {
        member.Added.Try(world.Now);
        var answer = await Insist($"sample in {tube.Id}", 1, grains => grains.GetGrain<ITubeGrain>(tube.Id).AddSample(SampleOf(tube, member)),
            () => member.IsSentAgain = true);
        checks.Require(
            answer.Status is TubeStatus.Done or TubeStatus.Replayed,
            $"a sample in {tube.Id} was answered with {answer.Status}, {answer.Count} of {answer.Capacity}");
        member.Added.Know(world.Now);
        return answer.Status;
    }

    private async Task Withdraw(SimTube tube, Member member)
    {
        member.Withdrawn.Try(world.Now);
        var answer = await Insist($"withdraw from {tube.Id}", 1, grains => grains.GetGrain<ITubeGrain>(tube.Id).Withdraw(member.Person.Key, "leaked"));
        checks.Require(answer.Status is TubeStatus.Done or TubeStatus.Replayed, $"a withdrawal from {tube.Id} was answered with {answer.Status}");
        member.Withdrawn.Know(world.Now);
    }

    private async Task<TubeStatus> Seal(SimTube tube)
    {
        tube.Sealed.Try(world.Now);
        var answer = await Insist($"seal {tube.Id}", 1, grains => grains.GetGrain<ITubeGrain>(tube.Id).Seal());
        checks.Require(answer.Status is TubeStatus.Done or TubeStatus.Replayed, $"the sealing of {tube.Id} was answered with {answer.Status}");
        tube.Sealed.Know(world.Now);
        return answer.Status;
    }

    private async Task<TubeStatus> Import(SimTube tube)
    {
        tube.Opened.Try(world.Now);
        foreach (var member in tube.Members)
            member.Added.Try(world.Now);
        var whole = new WholeTube(tube.Opening, [.. tube.Members.Select(member => SampleOf(tube, member))], Seal: true);
        var answer = await Insist($"import {tube.Id}", 1, grains => grains.GetGrain<ITubeGrain>(tube.Id).Import(whole));
        checks.Require(answer.Status is TubeStatus.Done or TubeStatus.Replayed, $"the import of {tube.Id} was answered with {answer.Status}");
        tube.Opened.Know(world.Now);
        tube.Sealed.Know(world.Now);
        foreach (var member in tube.Members)
            member.Added.Know(world.Now);
        tube.IsImported = true;
        return answer.Status;
    }

    private async Task Laboratory(SimTube tube)
    {
        await Pause(0, _spreadMs);
        foreach (var result in tube.Results)
        {
            await Pause(0, _spreadMs / 2);
            var opened = tube.Opened.IsKnown;
            var receipt = await Report(tube, result);
            checks.Require(receipt.Applied || !opened, $"result {result.Report.Sequence} of {tube.Id} is held, and the tube is open");
            if (_random.Chance(0.3))
                await Contradict(tube, result);
            if (_random.Chance(0.3))
                await Report(tube, _random.Pick(tube.Results.FindAll(static each => each.Reported.IsKnown)));
        }
    }

    private async Task<ResultReceipt> Report(SimTube tube, SimResult result)
    {
        result.Reported.Try(world.Now);
        var receipt = await Insist(
            $"result {result.Report.Sequence} of {tube.Id}", 1, grains => grains.GetGrain<ITubeGrain>(tube.Id).Report(result.Report));
        checks.Require(
            receipt.Status is ResultStatus.Accepted or ResultStatus.Replayed,
            $"result {result.Report.Sequence} of {tube.Id} was answered with {receipt.Status}");
        checks.Require(
            (result.ReceiptId ??= receipt.ReceiptId) == receipt.ReceiptId, $"result {result.Report.Sequence} of {tube.Id} has two receipts");
        result.Reported.Know(world.Now);
        foreach (var member in tube.Members)
            LookAfter(member.Person);
        return receipt;
    }

    // Another content under a key that is taken: it changes nothing.
    private async Task Contradict(SimTube tube, SimResult result)
    {
        var other = result.Report with { Result = result.Report.Result == TestResult.Positive ? TestResult.Negative : TestResult.Positive };
        var receipt = await Insist(
            $"contradiction of {tube.Id}", 1, grains => grains.GetGrain<ITubeGrain>(tube.Id).Report(other));
        checks.Require(
            receipt.Status == ResultStatus.Conflict && receipt.ReceiptId == result.ReceiptId,
            $"a contradiction of {tube.Id} was answered with {receipt.Status}");
    }

    // Phones look as long as things happen, each in its own rhythm, and do not wait for an answer that does not come.
    private async Task Phone(Task calm)
    {
        var rhythm = _random.Between(20, 200);
        while (!calm.IsCompleted)
        {
            await Pause(1, 2 * rhythm);
            _looks.Add(Look(_random.Pick(town.People)));
        }
    }

    // Who hears of something looks at his phone, at once and once more: that is when an old answer would show.
    private void LookAfter(Person person)
    {
        _looks.Add(Look(person));
        _looks.Add(LookLater());

        async Task LookLater()
        {
            await Pause(1, 600);
            await Look(person);
        }
    }

    private async Task Look(Person person)
    {
        var (start, version) = (world.Now, person.VersionSeen);
        if (_random.Chance(0.7))
        {
            var (isAnswered, view) = await Try("display", 1, grains => grains.GetGrain<IResidentGrain>(person.Key).Show().AsTask());
            if (isAnswered)
                checks.Display(person, version, start, view);
        }
        else
        {
            var (isAnswered, history) = await Try("history", 1, grains => grains.GetGrain<IResidentGrain>(person.Key).History().AsTask());
            if (isAnswered)
                checks.History(person, start, history);
        }
    }

    private async Task Door(SimScan[] scans)
    {
        foreach (var scan in scans)
        {
            await Pause(0, _spreadMs / 2);
            // A scanner that hears nothing sends again, also while the first is under way.
            await Task.WhenAll(Enumerable.Range(0, _random.Chance(0.3) ? 2 : 1).Select(_ => Scan(scan)));
            if (_random.Chance(0.2))
                await OtherScan(scan);
        }
    }

    private async Task<VisitStatus> Scan(SimScan scan)
    {
        var start = world.Now;
        scan.FirstSent ??= start;
        // The row is decided after this try began at the earliest: a try that failed may stand as well.
        for (; ; await Pause(20, 500))
        {
            start = world.Now;
            _busy.Add($"scan {scan.Id}");
            var (isAnswered, receipt) = await Try($"scan {scan.Id}", 2, grains => Enter(grains, scan, scan.Content));
            if (!isAnswered)
                continue;
            _busy.Remove($"scan {scan.Id}");
            checks.Scan(scan, start, receipt);
            return receipt.Status;
        }
    }

    private async Task OtherScan(SimScan scan)
    {
        var receipt = await Insist("other scan", 2, grains => Enter(grains, scan, scan.Content + 1));
        checks.Conflict(scan, receipt);
    }

    // As the gateway's door does it.
    private static async Task<VisitReceipt> Enter(IGrainFactory grains, SimScan scan, ulong content)
    {
        var view = await grains.GetGrain<IResidentGrain>(scan.Person.Key).Show();
        var visit = new Visit(
            scan.Id, "metro-1", "metro-1/door-1", scan.Person.Key, content,
            Admission.Decide(view, s_policy), view.Colour, view.Test, view.Name, view.AsOf);
        return await grains.GetGrain<IVisitsGrain>(VisitShards.KeyOf(scan.Id)).Append(visit);
    }

    private static SampleCollected SampleOf(SimTube tube, Member member) => new(member.Person.Key, tube.CollectedAt, member.Command);
}
