using Grid.Residents;
using Grid.Sampling;

namespace Grid.Tests.Fixtures;

/// <summary>A test that calls the product's grains over a real store.</summary>
[Collection(GridCollection.Name)]
public abstract class GrainTest(GridFixture grid)
{
    private static int _people;

    /// <summary>The default sampling site.</summary>
    protected const string Site = "site-1";

    protected static readonly DateTimeOffset Start = TestClock.UsualStart;

    protected IGrainFactory Grains => grid.Grains;

    private protected TestClock Clock => grid.Clock;

    protected static string NewId(string kind) => $"{kind}-{Guid.NewGuid():N}";

    protected ITubeGrain Tube(string id) => Grains.GetGrain<ITubeGrain>(id);

    protected IResidentGrain Resident(Guid key) => Grains.GetGrain<IResidentGrain>(key);

    /// <summary>Registers a new resident.</summary>
    protected async Task<Guid> NewResident()
    {
        var key = Guid.NewGuid();
        Assert.True((await Resident(key).Register(NewRegistration())).Created);
        return key;
    }

    protected static Registration NewRegistration()
    {
        var number = Interlocked.Increment(ref _people);
        var idNumber = IdNumber.Create(610113, new DateOnly(1950, 1, 1).AddDays(number / 1000), number % 1000);
        return new Registration(idNumber, "张伟", PhoneNumber.Parse("13900000000"), 610113);
    }

    /// <summary>Opens a tube and adds samples of new residents: by default as many as it holds.</summary>
    protected async Task<(string TubeId, Guid[] Members)> NewTube(int capacity, int? members = null)
    {
        var tubeId = NewId("T");
        Assert.Equal(TubeStatus.Done, (await Tube(tubeId).Open(new TubeOpening(capacity, Site), Site)).Status);
        var residents = new Guid[members ?? capacity];
        for (var i = 0; i < residents.Length; i++)
        {
            residents[i] = await NewResident();
            Assert.Equal(TubeStatus.Done, (await Tube(tubeId).AddSample(Sample(residents[i]), Site)).Status);
        }
        return (tubeId, residents);
    }

    protected static SampleCollected Sample(Guid resident, string? idempotencyKey = null) =>
        new(resident, Start.AddHours(-2), idempotencyKey);
}
