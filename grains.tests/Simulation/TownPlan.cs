using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Vaccination;

namespace Grid.Tests.Simulation;

/// <summary>Draws a town of few people, so that their events interact.</summary>
internal static class TownPlan
{
    internal const string VenueId = "metro-1";
    internal const string Site = "site-1";
    internal const string Laboratory = "lab-1";
    internal const string Clinic = "clinic-1";

    private static readonly DateTimeOffset Collected = SimWorld.Epoch.AddHours(-30);
    private static readonly DateTimeOffset Tested = SimWorld.Epoch.AddHours(-20);

    internal static Town Draw(SimRandom random)
    {
        var town = new Town();
        for (var i = random.Between(2, 8); i > 0; i--)
            town.People.Add(DrawPerson(random, i));
        for (var i = random.Between(1, 5); i > 0; i--)
            town.Tubes.Add(DrawTube(random, town, i));
        for (var i = random.Between(2, 16); i > 0; i--)
            town.Scans.Add(new SimScan(ScanId(random, i), random.Pick(town.People), random.Next() >> 1));
        return town;
    }

    private static string ScanId(SimRandom random, int number) =>
        random.Chance(0.5) ? random.Guid().ToString() : $"door-{random.Below(1_000)}-{number}";

    private static Person DrawPerson(SimRandom random, int number)
    {
        var idNumber = IdNumber.Create(610113, new DateOnly(1990, 1, 1), number);
        var phone = PhoneNumber.Parse($"138{number:00000000}");
        var person = new Person(random.Guid(), new Registration(idNumber, "张三", phone, 610113));
        for (var dose = random.Between(-1, 2); dose > 0; dose--)
        {
            person.Doses.Add(
                new SimDose(
                    new DoseRecord(
                        $"dose-{random.Below(1_000_000)}-{number}-{dose}",
                        person.Key,
                        "CoronaVac",
                        dose,
                        Collected.AddDays(dose - 90),
                        Clinic
                    )
                )
            );
        }

        return person;
    }

    private static SimTube DrawTube(SimRandom random, Town town, int number)
    {
        var capacity = random.Pick([1, 1, 5, 10]);
        var tube = new SimTube(
            $"T-{random.Below(1_000_000)}-{number}",
            new TubeOpening(capacity, Site),
            Collected.AddMinutes(random.Below(300))
        )
        {
            IsImported = random.Chance(0.3),
        };
        var people = town.People.ToList();
        for (var count = Math.Min(random.Between(1, capacity), people.Count); count > 0; count--)
        {
            var person = random.Pick(people);
            people.Remove(person);
            person.Tubes.Add(tube);
            tube.Members.Add(new Member(person, $"command-{number}-{count}"));
        }

        var results = random.Between(0, 3);
        for (var sequence = 1; sequence <= results; sequence++)
        {
            var result = random.Pick([
                TestResult.Positive,
                TestResult.Positive,
                TestResult.Negative,
                TestResult.Inconclusive,
            ]);
            int? correctionOf = sequence > 1 && random.Chance(0.5) ? random.Between(1, sequence - 1) : null;
            tube.Results.Add(
                new SimResult(
                    new LabResult(sequence, "rt-pcr", result, Tested.AddMinutes(random.Below(300)), correctionOf)
                )
            );
        }

        return tube;
    }
}
