using Grid.Codes;
using Grid.Keys;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Vaccination;
using Grid.Venues;

namespace Grid.Commands.Demo;

/// <summary>
/// The states that the grains would reach if the residents were registered, vaccinated, sampled and tested one by one.
/// The grains' own rules compute them, so that the bulk load cannot diverge.
/// </summary>
internal sealed class CityStates(City city, ResidentKeys keys, ProfileVault vault)
{
    private const string Method = "rt-pcr";
    private const string Clinic = "demo-clinic";
    private const int FirstSequence = 1;
    private static readonly CodeOptions Options = new();
    private static readonly TimeSpan RegisteredBefore = TimeSpan.FromDays(300);

    /// <summary>The grain key of a resident.</summary>
    public Guid KeyOf(int index) => keys.Of(city.Resident(index).IdNumber);

    /// <summary>The stored state of a resident.</summary>
    public ResidentState ResidentOf(int index)
    {
        Person person = city.Resident(index);
        Guid key = keys.Of(person.IdNumber);
        ResidentState state = Registered(person, key);
        foreach (Injection dose in city.DosesOf(person))
        {
            var record = new DoseRecord($"demo-{index}-{dose.Dose}", key, dose.Product, dose.Dose, dose.At, Clinic);
            state = ResidentRules.Vaccinate(state, record) ?? state;
        }

        if (city.TubeOf(index) is not { } tube)
            return state;
        TubeVerdict verdict = TubeRules.Verdict(ResultsOf(tube), tube.Capacity);
        TubeMember member = MemberOf(tube, tube.Members.IndexOf(index), key);
        TubeStanding standing = TubeRules.Standing(tube.TubeId, member, verdict, tube.Capacity);
        return ResidentRules.Apply(state, key, standing, city.Now, Options) ?? state;
    }

    /// <summary>The stored state of a tube.</summary>
    public TubeState StateOf(Tube tube)
    {
        var members = new TubeMember[tube.Members.Count];
        for (int m = 0; m < members.Length; m++)
            members[m] = MemberOf(tube, m, KeyOf(tube.Members[m]));
        return new TubeState
        {
            Opening = new TubeOpening(tube.Capacity, tube.SiteId),
            OpenedBy = new TubeHand(tube.SiteId, tube.CollectedAt),
            Sealed = true,
            SealedBy = new TubeHand(tube.SiteId, tube.SealedAt),
            Revision = members[^1].Due,
            Members = members,
            Results = ResultsOf(tube),
        };
    }

    /// <summary>The stored state of a venue.</summary>
    public static VenueState VenueOf(Door door) => new() { Venue = door.Venue };

    private ResidentState Registered(Person person, Guid key)
    {
        ResidentState state = new ResidentState().Next();
        var profile = new PersonalData(person.Name, person.IdNumber.Reveal(), person.Phone.Reveal());
        state.Profile = vault.Seal(key, profile);
        state.District = int.Parse(person.District.Code);
        state.RegisteredUnixMs = (city.Now - RegisteredBefore).ToUnixTimeMilliseconds();
        return state;
    }

    // Each sample increments the tube's revision, a result increments it once more for every member, and all is
    // delivered.
    private static TubeMember MemberOf(Tube tube, int place, Guid key)
    {
        int revision = tube.TestedAt is null ? place + 1 : tube.Members.Count + 1;
        return new TubeMember(
            key,
            tube.CollectedAt,
            0,
            revision,
            revision,
            null,
            0,
            new TubeHand(tube.SiteId, tube.CollectedAt),
            null
        );
    }

    private static ReceivedResult[] ResultsOf(Tube tube)
    {
        if (tube.TestedAt is not { } testedAt)
            return [];
        var report = new ResultReport(
            tube.TubeId,
            FirstSequence,
            tube.LaboratoryId,
            Method,
            ResultOf(tube.Finding),
            testedAt,
            null
        );
        return
        [
            new ReceivedResult(
                report,
                StableId.Of($"result|{tube.TubeId}|{FirstSequence}"),
                testedAt,
                Held: false,
                tube.LaboratoryId
            ),
        ];
    }

    private static TestResult ResultOf(Finding finding) =>
        finding switch
        {
            Finding.Negative => TestResult.Negative,
            Finding.Positive => TestResult.Positive,
            Finding.Inconclusive => TestResult.Inconclusive,
            _ => throw new ArgumentOutOfRangeException(nameof(finding), finding, "The tube has no result."),
        };
}
