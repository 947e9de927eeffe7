using Grid.Codes;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Scans;
using Grid.Vaccination;

namespace Grid.Tests.Simulation;

/// <summary>After the storm: reads everything, repeats every command, and reads everything again.</summary>
internal sealed partial class Callers
{
    private async Task LookAtEverything()
    {
        var before = await Task.WhenAll(town.People.Select(ReadAll));
        var again = new List<Task>();
        again.AddRange(town.People.Select(RegisterAgain));
        again.AddRange(town.People.SelectMany(static person => person.Doses, VaccinateAgain));
        again.AddRange(town.Tubes.Select(SendAgain));
        again.AddRange(town.Scans.Select(ScanAgain));
        await Task.WhenAll(again);
        var after = await Task.WhenAll(town.People.Select(ReadAll));
        for (var i = 0; i < before.Length; i++)
        {
            checks.Require(
                before[i] == after[i],
                $"what was sent again changed a resident from version {before[i]} to {after[i]}"
            );
        }

        checks.Rows(town);
    }

    private async Task<int> ReadAll(Person person)
    {
        // A history read between two displays of one version has that version.
        while (true)
        {
            var view = await Read(person);
            var start = world.Now;
            var history = await Insist("history at the end", gateway =>
                gateway.Grains.GetGrain<IResidentGrain>(person.Key).History().AsTask()
            );
            checks.History(person, start, history);
            var later = await Read(person);
            if (view.Version != later.Version)
                continue;
            checks.Settled(person, view, history);
            return view.Version;
        }
    }

    private async Task<CodeView> Read(Person person)
    {
        var (start, version) = (world.Now, person.VersionSeen);
        var view = await Insist("display at the end", gateway => gateway.Residents.ShowAsync(person.Key).AsTask());
        checks.Display(person, version, start, view);
        return view;
    }

    private async Task RegisterAgain(Person person)
    {
        var made = await Insist("register again", gateway =>
            gateway.Grains.GetGrain<IResidentGrain>(person.Key).Register(person.Registration)
        );
        checks.Require(!made.Created, $"a resident was registered twice");
    }

    private async Task VaccinateAgain(Person person, SimDose dose) =>
        checks.Require(await Vaccinate(dose) == DoseStatus.Replayed, $"dose {dose.Record.RecordId} was taken in again");

    private async Task SendAgain(SimTube tube)
    {
        if (tube.IsImported)
        {
            checks.Require(await Import(tube) == TubeStatus.Replayed, $"the import of {tube.Id} was done again");
        }
        else
        {
            checks.Require(await Open(tube) == TubeStatus.Replayed, $"{tube.Id} was opened again");
            foreach (var member in tube.Members.Where(static member => !member.Withdrawn.IsTried))
                checks.Require(
                    await Add(tube, member) == TubeStatus.Replayed,
                    $"a sample in {tube.Id} was taken again"
                );
            checks.Require(await Seal(tube) == TubeStatus.Replayed, $"{tube.Id} was sealed again");
        }

        foreach (var result in tube.Results)
        {
            var receipt = await Report(tube, result);
            checks.Require(
                receipt is { Status: ResultStatus.Replayed, Applied: true },
                $"result {result.Report.Sequence} of {tube.Id} was accepted again: "
                    + $"{receipt.Status}, applied {receipt.Applied}"
            );
        }
    }

    private async Task ScanAgain(SimScan scan) =>
        checks.Require(await Scan(scan) == VisitStatus.Replayed, $"scan {scan.Id} was recorded again");
}
