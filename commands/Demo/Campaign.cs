using Grid.Residents;

namespace Grid.Commands.Demo;

/// <summary>A laboratory's finding for a tube of the demo city.</summary>
internal enum Finding : byte
{
    /// <summary>No finding yet.</summary>
    Pending,
    Negative,
    Positive,
    Inconclusive,
}

/// <summary>A tube of the demo city.</summary>
/// <param name="TubeId">Its barcode.</param>
/// <param name="Members">Indexes of its residents, at most <paramref name="Capacity"/>.</param>
/// <param name="TestedAt">When the laboratory reported; null while <see cref="Finding.Pending"/>.</param>
internal sealed record Tube(
    string TubeId,
    int Capacity,
    string SiteId,
    IList<int> Members,
    DateTimeOffset CollectedAt,
    DateTimeOffset SealedAt,
    Finding Finding,
    string LaboratoryId,
    DateTimeOffset? TestedAt
);

/// <summary>
/// A test campaign on its third day: neighbours queue in blocks of twenty, and each block gives one tube of twenty, two
/// of ten or twenty singles. Six of ten were sampled within a day, most others within three; a few never.
/// </summary>
internal sealed class Campaign
{
    private const int BlockSize = 20;
    private const int SitesPerDistrict = 40;
    private const int LaboratoryCount = 8;
    private const double AbsentShare = 0.03;
    private const double PoolOfTwentyShare = 0.56;
    private const double PoolOfTenShare = 0.40;
    private const double StuckShare = 0.001;
    private const int ResidentsPerPositivePool = 20_000;
    private const int ResidentsPerPositiveSingle = 50_000;
    private const int ResidentsPerInconclusive = 50_000;
    private static readonly TimeSpan Sealing = TimeSpan.FromMinutes(25);

    private readonly Population _people;
    private readonly Draw _draw;
    private readonly DateTimeOffset _now;
    private readonly int[] _blockStarts;
    private readonly Dictionary<int, Finding> _special = [];
    private readonly HashSet<int> _positiveSingles = [];

    public Campaign(ulong seed, Population people, DateTimeOffset now)
    {
        _people = people;
        _draw = new Draw(seed).For(3);
        _now = CityTime.WholeSecond(now);
        _blockStarts = new int[Districts.All.Count + 1];
        for (int d = 0; d < Districts.All.Count; d++)
            _blockStarts[d + 1] = _blockStarts[d] + (people.SizeOfDistrict(d) + BlockSize - 1) / BlockSize;
        Choose(people.Count / ResidentsPerPositivePool + 1, Purpose.PositivePool, Finding.Positive);
        Choose(people.Count / ResidentsPerInconclusive + 1, Purpose.Inconclusive, Finding.Inconclusive);
        int singles = people.Count / ResidentsPerPositiveSingle + 1;
        for (int k = 0; k < singles; k++)
        {
            int block = _draw.Below(BlockCount, k, Purpose.PositiveSingle);
            if (!_special.ContainsKey(block))
                _positiveSingles.Add(block);
        }
    }

    /// <summary>The number of blocks of neighbours.</summary>
    public int BlockCount => _blockStarts[^1];

    /// <summary>The tubes of a block in queue order; none when all its residents stayed away.</summary>
    public IEnumerable<Tube> TubesOf(int block)
    {
        (int first, int end, _) = PlaceOf(block);
        int capacity = Plan(block).Capacity;
        for (int start = first; capacity > 0 && start < end; start += capacity)
        {
            if (TubeFrom(block, start) is { } tube)
                yield return tube;
        }
    }

    /// <summary>The tube with a resident's sample, or null.</summary>
    public Tube? TubeOf(int resident)
    {
        int district = _people.DistrictOf(resident);
        int block = _blockStarts[district] + (resident - _people.StartOfDistrict(district)) / BlockSize;
        int first = PlaceOf(block).First,
            capacity = Plan(block).Capacity;
        if (capacity == 0)
            return null;
        Tube? tube = TubeFrom(block, first + (resident - first) / capacity * capacity);
        return tube?.Members.Contains(resident) == true ? tube : null;
    }

    private (int First, int End, int District) PlaceOf(int block)
    {
        int district = DistrictOfBlock(block);
        int first = _people.StartOfDistrict(district) + (block - _blockStarts[district]) * BlockSize;
        return (first, Math.Min(first + BlockSize, _people.StartOfDistrict(district + 1)), district);
    }

    private Tube? TubeFrom(int block, int start)
    {
        (int first, int end, int district) = PlaceOf(block);
        (int capacity, double ageHours, Finding finding) = Plan(block);
        var members = new List<int>(capacity);
        for (int i = start; i < Math.Min(start + capacity, end); i++)
        {
            if (finding == Finding.Positive || _draw.Unit(i, Purpose.Absent) >= AbsentShare)
                members.Add(i);
        }

        if (members.Count == 0)
            return null;
        string site = $"site-{Districts.All[district].Code}-{block % SitesPerDistrict + 1:00}";
        // The first tube of a chosen block carries the block's finding; its neighbours are negative.
        Finding found = start == first || finding is Finding.Pending ? finding : Finding.Negative;
        return Make(block, start - first, capacity, site, members, ageHours, found);
    }

    private Tube Make(
        int block,
        int place,
        int capacity,
        string site,
        List<int> members,
        double ageHours,
        Finding finding
    )
    {
        DateTimeOffset collected = CityTime.WholeSecond(
            _now - TimeSpan.FromHours(ageHours) + TimeSpan.FromMinutes(place)
        );
        DateTimeOffset sealedAt = collected + Sealing;
        double hours = 3 + 6 * _draw.Unit(block, Purpose.BlockLaboratory);
        DateTimeOffset? tested =
            finding == Finding.Pending ? null : CityTime.WholeSecond(collected + TimeSpan.FromHours(hours));
        string id = $"XA{_now.ToOffset(CivilDay.Offset):yyMMdd}{block:00000000}{place:00}";
        string laboratory = $"lab-{block % LaboratoryCount + 1:000}";
        return new Tube(id, capacity, site, members, collected, sealedAt, finding, laboratory, tested);
    }

    private (int Capacity, double AgeHours, Finding Finding) Plan(int block)
    {
        double kind = _draw.Unit(block, Purpose.BlockKind);
        int capacity =
            kind < PoolOfTwentyShare ? 20
            : kind < PoolOfTwentyShare + PoolOfTenShare ? 10
            : 1;
        double spread = _draw.Unit(block, Purpose.BlockMinutes);
        if (_positiveSingles.Contains(block))
            return (1, 11 + 10 * spread, Finding.Positive);
        if (_special.TryGetValue(block, out Finding special))
            return (capacity == 1 ? 10 : capacity, 11 + 10 * spread, special);

        double age = _draw.Unit(block, Purpose.BlockAge);
        if (age < StuckShare)
            return (capacity, 26 + 10 * spread, Finding.Pending); // a courier lost this rack: its results are overdue
        return age switch
        {
            < 0.09 => (capacity, 1 + 5 * spread, Finding.Pending),
            < 0.62 => (capacity, 10 + 13.5 * spread, Finding.Negative),
            < 0.85 => (capacity, 24 + 23.5 * spread, Finding.Negative),
            < 0.95 => (capacity, 48 + 23.5 * spread, Finding.Negative),
            < 0.99 => (capacity, 72 + 96 * spread, Finding.Negative),
            _ => (0, 0, Finding.Pending),
        };
    }

    private void Choose(int count, Purpose purpose, Finding finding)
    {
        for (int k = 0; k < count; k++)
            _special.TryAdd(_draw.Below(BlockCount, k, purpose), finding);
    }

    private int DistrictOfBlock(int block)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)BlockCount);
        int found = Array.BinarySearch(_blockStarts, block);
        if (found < 0)
            return ~found - 1;
        while (_blockStarts[found + 1] == block)
            found++;
        return found;
    }
}
