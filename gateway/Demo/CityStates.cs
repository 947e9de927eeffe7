using Grid.Keys;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Vaccination;
using Grid.Venues;

namespace Grid.Gateway.Demo;

/// <summary>A resident as the store keeps one.</summary>
internal readonly record struct ResidentRow(int Index, Guid Key, ResidentState State);

/// <summary>A tube as the store keeps it.</summary>
internal readonly record struct TubeRow(string TubeId, TubeState State);

/// <summary>What a block of neighbours adds to the store.</summary>
internal sealed record BlockRows(IReadOnlyList<ResidentRow> Residents, IReadOnlyList<TubeRow> Tubes);

/// <summary>
/// The states that the grains would reach if the city's people were registered, vaccinated, sampled and tested one by
/// one. They are reached by the grains' own rules, so that the bulk way can't drift from the slow one.
/// </summary>
internal sealed class CityStates(City city, ResidentKeys keys, ProfileVault vault)
{
    private const string Method = "rt-pcr";
    private const int FirstSequence = 1;
    private static readonly TimeSpan RegisteredBefore = TimeSpan.FromDays(300);

    /// <summary>All that a block adds; 0 … <see cref="City.BlockCount"/> - 1.</summary>
    public BlockRows Of(int block)
    {
        (int first, int end) = city.ResidentsOf(block);
        var residents = new ResidentRow[end - first];
        for (int i = first; i < end; i++)
            residents[i - first] = ResidentOf(city.Resident(i));

        var tubes = new List<TubeRow>();
        foreach (Tube tube in city.TubesOf(block))
        {
            TubeState state = TubeOf(tube, residents, first);
            tubes.Add(new TubeRow(tube.TubeId, state));
            TubeVerdict verdict = TubeRules.Verdict(state.Results, tube.Capacity);
            for (int m = 0; m < tube.Members.Count; m++)
            {
                ref ResidentRow row = ref residents[tube.Members[m] - first];
                TubeStanding standing = TubeRules.Standing(tube.TubeId, state.Members[m], verdict);
                row = row with { State = ResidentRules.Apply(row.State, row.Key, standing, city.Now) ?? row.State };
            }
        }

        return new BlockRows(residents, tubes);
    }

    /// <summary>A door as the store keeps it.</summary>
    public static VenueState VenueOf(Door door) => new() { Venue = door.Venue };

    private ResidentRow ResidentOf(Person person)
    {
        Guid key = keys.Of(person.IdNumber.Reveal());
        ResidentState state = new ResidentState().Next();
        state.Profile = vault.Seal(
            key, new PersonalData(person.Name, person.IdNumber.Reveal(), person.Phone.Reveal()));
        state.District = int.Parse(person.District.Code);
        state.RegisteredUnixMs = (city.Now - RegisteredBefore).ToUnixTimeMilliseconds();
        foreach (Injection dose in city.DosesOf(person))
        {
            var record = new DoseRecord($"demo-{person.Index}-{dose.Dose}", key, dose.Product, dose.Dose, dose.At);
            state = ResidentRules.Vaccinate(state, record) ?? state;
        }

        return new ResidentRow(person.Index, key, state);
    }

    // Each sample raised the revision by one and a result raised it once more, for everyone: all of it is delivered.
    private static TubeState TubeOf(Tube tube, ResidentRow[] residents, int first)
    {
        bool resulted = tube.TestedAt is not null;
        int last = tube.Members.Count + (resulted ? 1 : 0);
        var state = new TubeState
        {
            Opening = new TubeOpening(tube.Capacity, tube.SiteId),
            Sealed = true,
            Revision = last,
            Members = new TubeMember[tube.Members.Count],
        };
        for (int m = 0; m < state.Members.Length; m++)
        {
            int revision = resulted ? last : m + 1;
            Guid key = residents[tube.Members[m] - first].Key;
            state.Members[m] = new TubeMember(key, tube.CollectedAt, 0, revision, revision, null);
        }

        if (tube.TestedAt is { } testedAt)
        {
            var report = new ResultReport(
                tube.TubeId, FirstSequence, tube.LaboratoryId, Method, ResultOf(tube.Finding), testedAt, null);
            Guid receipt = StableId.Of($"result|{tube.TubeId}|{FirstSequence}");
            state.Results = [new ReceivedResult(report, receipt, testedAt)];
        }

        return state;
    }

    private static TestResult ResultOf(Finding finding) => finding switch
    {
        Finding.Negative => TestResult.Negative,
        Finding.Positive => TestResult.Positive,
        Finding.Inconclusive => TestResult.Inconclusive,
        _ => throw new ArgumentOutOfRangeException(nameof(finding), finding, "A tube without a result."),
    };
}
