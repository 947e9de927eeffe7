using Grid.Codes;
using Grid.Commands.Demo;
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
    public void The_states_equal_those_that_grains_would_reach()
    {
        var residents = Enumerable.Range(0, Residents).ToDictionary(_states.KeyOf, _states.ResidentOf);
        var sampled = new HashSet<Guid>();
        foreach (var tube in _city.Tubes())
        {
            var state = _states.StateOf(tube);
            Assert.False(state.HasPendingWork);
            Assert.True(TubeRules.IsCapacity(state.Opening!.Capacity));
            var verdict = TubeRules.Verdict(state.Results, state.Opening.Capacity);
            foreach (var member in state.Members)
            {
                Assert.True(sampled.Add(member.Resident));
                var resident = residents[member.Resident];
                Assert.Single(resident.Tests);
                // Applying the tube's standing again changes nothing.
                Assert.Null(
                    ResidentRules.Apply(
                        resident,
                        member.Resident,
                        TubeRules.Standing(tube.TubeId, member, verdict, state.Opening.Capacity),
                        Now,
                        new CodeOptions()
                    )
                );
            }
        }

        Assert.All(residents, r => Assert.Equal(sampled.Contains(r.Key), r.Value.Tests.Length > 0));
    }

    [Fact]
    public void A_profile_opens_to_its_person()
    {
        for (int index = 0; index < Residents; index += 1_000)
        {
            var person = _city.Resident(index);
            var state = _states.ResidentOf(index);
            var expected = new PersonalData(person.Name, person.IdNumber.Reveal(), person.Phone.Reveal());
            Assert.Equal(expected, _vault.Unseal(_states.KeyOf(index), state.Profile));
            Assert.Equal(_city.DosesOf(person).Count(), state.Doses.Length);
            Assert.Equal(person.District.Code, state.District.ToString());
        }
    }

    [Fact]
    public void Nearly_everyone_is_green_and_there_are_yellow_and_red_codes_and_every_state_of_a_test()
    {
        var views = Enumerable
            .Range(0, Residents)
            .Select(index => CodeRules.View(_states.ResidentOf(index), "", Now, new CodeOptions()))
            .ToArray();
        Assert.InRange(views.Count(v => v.Colour == CodeColour.Green) / (double)Residents, 0.99, 0.9999);
        Assert.Contains(views, v => v.Colour == CodeColour.Yellow);
        Assert.Contains(views, v => v.Colour == CodeColour.Red);
        Assert.Equal(Enum.GetValues<TestState>(), views.Select(v => v.Test.State).Distinct().Order());
    }
}
