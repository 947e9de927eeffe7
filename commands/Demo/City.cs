using Grid.Residents;

namespace Grid.Commands.Demo;

/// <summary>
/// A synthetic Xi'an, equal for equal seed, size and time: residents, their doses, the doors and a running test
/// campaign. It computes each piece on access and keeps nothing in memory, whatever its size.
/// </summary>
internal sealed class City
{
    /// <summary>The seed of the demo.</summary>
    public const ulong DefaultSeed = 20211220;

    private readonly ulong _seed;
    private readonly Draw _draw;
    private readonly Population _people;
    private readonly Campaign _campaign;

    /// <param name="now">The reference time of ages, doses and tests.</param>
    public City(int residents, DateTimeOffset now, ulong seed = DefaultSeed)
    {
        _seed = seed;
        _draw = new Draw(seed);
        Now = CityTime.WholeSecond(now);
        _people = new Population(seed, residents, CivilDay.Of(now));
        _campaign = new Campaign(seed, _people, Now);
    }

    /// <summary>The reference time of the city.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The number of residents.</summary>
    public int ResidentCount => _people.Count;

    /// <summary>The number of blocks of neighbours in the campaign; see <see cref="TubesOf"/>.</summary>
    public int BlockCount => _campaign.BlockCount;

    /// <summary>A resident, 0 … <see cref="ResidentCount"/> - 1.</summary>
    public Person Resident(int index) => _people[index];

    /// <summary>The doses of a resident in order, up to <see cref="Vaccinations.MaxDoses"/>.</summary>
    public IEnumerable<Injection> DosesOf(Person person)
    {
        int doses = Vaccinations.DosesOf(_draw, person);
        for (int dose = 1; dose <= doses; dose++)
            yield return Vaccinations.Dose(_draw, person, dose, doses, Now);
    }

    /// <summary>The tubes of a block of neighbours. Every resident is in at most one tube.</summary>
    public IEnumerable<Tube> TubesOf(int block) => _campaign.TubesOf(block);

    /// <summary>The tube with a resident's sample, or null.</summary>
    public Tube? TubeOf(int resident) => _campaign.TubeOf(resident);

    /// <summary>All tubes.</summary>
    public IEnumerable<Tube> Tubes() => Enumerable.Range(0, BlockCount).SelectMany(TubesOf);

    /// <summary>All doors.</summary>
    public IEnumerable<Door> Venues() => CityVenues.Of(_seed, ResidentCount);
}
