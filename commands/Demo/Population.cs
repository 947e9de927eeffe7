using Grid.Residents;

namespace Grid.Commands.Demo;

/// <summary>
/// The residents of the demo city by index, district after district; each is computed without the others.
/// </summary>
internal sealed class Population
{
    /// <summary>
    /// Upper bound of residents: the registered users of the real service; the telephone block holds them.
    /// </summary>
    public const int MaxResidents = 46_950_000;

    // No operator uses the prefix 154: the numbers are well-formed and unassigned.
    private const long FirstPhone = 154_0000_0000;
    private const int SequencesPerDay = 1_000;

    // Coprime to 1,000, so that the steps visit every sequence number of a day once.
    private const int SequenceStep = 387;

    // Rounded shares of the city's 12.95 million, in the order of the district table; census of 2020.
    private static readonly int[] DistrictShares = [50, 58, 79, 79, 122, 152, 22, 52, 123, 32, 35, 38, 39];

    private readonly Draw _draw;
    private readonly DateOnly _today;
    private readonly int[] _districtStarts;
    private readonly AgePyramid _pyramid;
    private readonly Shuffle[] _ages;
    private readonly Shuffle _phones;

    /// <param name="seed">Equal seeds make equal cities.</param>
    /// <param name="count">The number of residents, 1 to <see cref="MaxResidents"/>.</param>
    /// <param name="today">The reference date of ages.</param>
    public Population(ulong seed, int count, DateOnly today)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxResidents);
        Count = count;
        _draw = new Draw(seed);
        _today = today;
        _pyramid = new AgePyramid(today);
        _phones = new Shuffle(_draw.For(2), count);
        _districtStarts = StartsOf(count);
        _ages = Enumerable
            .Range(0, Districts.All.Count)
            .Select(d => new Shuffle(_draw.For(100 + d), Math.Max(1, SizeOfDistrict(d))))
            .ToArray();
    }

    /// <summary>The number of residents.</summary>
    public int Count { get; }

    /// <summary>The number of residents in a district, by its index in <see cref="Districts.All"/>.</summary>
    public int SizeOfDistrict(int district) => _districtStarts[district + 1] - _districtStarts[district];

    /// <summary>The index of the district's first resident.</summary>
    public int StartOfDistrict(int district) => _districtStarts[district];

    /// <summary>The index in <see cref="Districts.All"/> of a resident's district.</summary>
    public int DistrictOf(int index)
    {
        int found = Array.BinarySearch(_districtStarts, index);
        if (found < 0)
            return ~found - 1;
        while (_districtStarts[found + 1] == index)
            found++;
        return found;
    }

    /// <summary>A resident by index.</summary>
    public Person this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            int district = DistrictOf(index);
            IdNumber number = NumberOf(district, _ages[district][index - _districtStarts[district]]);
            DateOnly birth = number.BirthDate;
            string name = Names.Of(_draw, index, number.Sex, birth.Year, _today.Year);
            PhoneNumber.TryParse((FirstPhone + _phones[index]).ToString(), out PhoneNumber phone);
            return new Person(index, number, name, phone, Districts.All[district], AgeOn(_today, birth));
        }
    }

    // Ranks a district's residents by age: rank 0 is the youngest. Residents born on one day have consecutive ranks,
    // which give distinct sequence numbers.
    private IdNumber NumberOf(int district, int rank)
    {
        int size = SizeOfDistrict(district),
            low = 0,
            high = _pyramid.Days - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (FirstRank(middle, size) <= rank)
                low = middle;
            else
                high = middle - 1;
        }

        int within = rank - FirstRank(low, size);
        if (within >= SequencesPerDay)
            throw new InvalidOperationException($"More than {SequencesPerDay} births in one district on one day.");
        int first = _draw.For(district).Below(SequencesPerDay, low, Purpose.Sequence);
        return IdNumber.Create(
            int.Parse(Districts.All[district].Code),
            _pyramid.Day(low),
            (first + within * SequenceStep) % SequencesPerDay
        );
    }

    private int FirstRank(int daysAgo, int size) => (int)Math.Ceiling(_pyramid.YoungerThan(daysAgo) * size);

    private static int[] StartsOf(int count)
    {
        var starts = new int[DistrictShares.Length + 1];
        long total = DistrictShares.Sum(),
            sum = 0;
        for (int d = 0; d < DistrictShares.Length; d++)
            starts[d + 1] = (int)(count * (sum += DistrictShares[d]) / total);
        return starts;
    }

    private static int AgeOn(DateOnly day, DateOnly birth) =>
        day.Year - birth.Year - (birth.AddYears(day.Year - birth.Year) > day ? 1 : 0);
}

/// <summary>A synthetic resident.</summary>
/// <param name="Index">The index in the city, from 0.</param>
/// <param name="Age">Completed years.</param>
internal readonly record struct Person(
    int Index,
    IdNumber IdNumber,
    string Name,
    PhoneNumber Phone,
    District District,
    int Age
);
