using Grid.Codes;
using Grid.Gateway.Demo;
using Grid.Keys;
using Grid.Residents;
using Grid.Sampling;

namespace Grid.Tests.Demo;

public sealed class CityStatesTests : IDisposable
{
    private const int Residents = 30_000;
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2022-01-04T01:00:00Z");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grid-city-");
    private readonly City _city = new(Residents, Now);
    private readonly ProfileVault _vault;
    private readonly CityStates _states;

    public CityStatesTests()
    {
        var ring = KeyRing.Open(_folder.FullName, TimeProvider.System);
        _vault = new ProfileVault(ring);
        _states = new CityStates(_city, new ResidentKeys(ring), _vault);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_states_are_those_that_the_grains_would_have_reached()
    {
        var seen = new HashSet<int>();
        for (int block = 0; block < _city.BlockCount; block++)
        {
            var rows = _states.Of(block);
            var byKey = rows.Residents.ToDictionary(r => r.Key);
            Assert.All(rows.Residents, r => Assert.True(seen.Add(r.Index)));
            foreach (var (tubeId, tube) in rows.Tubes)
            {
                Assert.False(tube.HasPendingWork);
                Assert.True(TubeRules.IsCapacity(tube.Opening!.Capacity));
                var verdict = TubeRules.Verdict(tube.Results, tube.Opening.Capacity);
                foreach (var member in tube.Members)
                {
                    var row = byKey[member.Resident];
                    Assert.Single(row.State.Tests);
                    // Bringing the tube's news once more says nothing new.
                    Assert.Null(ResidentRules.Apply(row.State, row.Key, TubeRules.Standing(tubeId, member, verdict), Now));
                }
            }
        }

        Assert.Equal(Residents, seen.Count);
    }

    [Fact]
    public void A_profile_opens_to_the_person_of_that_place()
    {
        foreach (var row in _states.Of(3).Residents)
        {
            var person = _city.Resident(row.Index);
            var expected = new PersonalData(person.Name, person.IdNumber.Reveal(), person.Phone.Reveal());
            Assert.Equal(expected, _vault.Unseal(row.Key, row.State.Profile));
            Assert.Equal(_city.DosesOf(person).Count(), row.State.Doses.Length);
            Assert.Equal(person.District.Code, row.State.District.ToString());
        }
    }

    [Fact]
    public void Nearly_everyone_is_green_and_there_are_yellow_and_red_codes_and_every_state_of_a_test()
    {
        var views = Enumerable.Range(0, _city.BlockCount)
            .SelectMany(block => _states.Of(block).Residents)
            .Select(row => CodeRules.View(row.State, "", Now, new CodeOptions()))
            .ToArray();
        Assert.InRange(views.Count(v => v.Colour == CodeColour.Green) / (double)Residents, 0.99, 0.9999);
        Assert.Contains(views, v => v.Colour == CodeColour.Yellow);
        Assert.Contains(views, v => v.Colour == CodeColour.Red);
        Assert.Equal(Enum.GetValues<TestState>(), views.Select(v => v.Test.State).Distinct().Order());
    }
}
