using Grid.Commands.Demo;
using Grid.Residents;

namespace Grid.Tests.Demo;

public class CityTests
{
    private const int Residents = 50_000;
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2022-01-04T01:00:00Z");
    private static readonly DateOnly Today = CivilDay.Of(Now);

    [Fact]
    public void Every_resident_has_a_unique_number_of_their_district_and_a_unique_phone()
    {
        var city = new City(Residents, Now);
        var numbers = new HashSet<string>();
        var phones = new HashSet<string>();
        for (int i = 0; i < Residents; i++)
        {
            var person = city.Resident(i);
            Assert.Equal(IdNumberOutcome.Valid, IdNumber.Parse(person.IdNumber.Reveal(), Today, out var number));
            Assert.Equal(person.District.Code, number.Region.ToString());
            Assert.True(PhoneNumber.TryParse(person.Phone.Reveal(), out _));
            Assert.InRange(person.Name.Length, 2, 4);
            Assert.InRange(person.Age, 0, 100);
            Assert.True(numbers.Add(person.IdNumber.Reveal()));
            Assert.True(phones.Add(person.Phone.Reveal()));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(13)]
    [InlineData(999)]
    public void A_small_city_is_complete(int residents)
    {
        var city = new City(residents, Now);
        Assert.Equal(
            residents,
            Enumerable.Range(0, residents).Select(i => city.Resident(i).IdNumber).Distinct().Count()
        );
        Assert.All(city.Tubes().SelectMany(t => t.Members), i => Assert.InRange(i, 0, residents - 1));
        Assert.NotEmpty(city.Venues());
    }

    [Fact]
    public void The_largest_city_has_unique_numbers()
    {
        var city = new City(Population.MaxResidents, Now);
        int[] sample = Enumerable.Range(0, 20_000).Select(i => (int)(i * 2_347L)).ToArray();
        Assert.Equal(sample.Length, sample.Select(i => city.Resident(i).IdNumber).Distinct().Count());
        Assert.Equal(sample.Length, sample.Select(i => city.Resident(i).Phone).Distinct().Count());
    }

    [Fact]
    public void A_seed_determines_the_city()
    {
        City a = new(1_000, Now, seed: 7),
            b = new(1_000, Now, seed: 7),
            c = new(1_000, Now, seed: 8);
        Assert.Equal(a.Resident(500), b.Resident(500));
        Assert.Equal(a.DosesOf(a.Resident(500)), b.DosesOf(b.Resident(500)));
        Assert.Equal(Print(a.Tubes()), Print(b.Tubes()));
        Assert.NotEqual(a.Resident(500), c.Resident(500));
        Assert.NotEqual(Print(a.Tubes()), Print(c.Tubes()));

        static string Print(IEnumerable<Tube> tubes) =>
            string.Join(
                '\n',
                tubes.Select(t => $"{t.TubeId} {t.Finding} {t.CollectedAt:O} {string.Join(',', t.Members)}")
            );
    }

    [Fact]
    public void The_ages_follow_the_census()
    {
        var city = new City(Residents, Now);
        int[] ages = Enumerable.Range(0, Residents).Select(i => city.Resident(i).Age).Order().ToArray();
        Assert.InRange(ages[Residents / 2], 36, 40);
        Assert.InRange(ages.Count(a => a < 15) / (double)Residents, 0.147, 0.167);
        Assert.InRange(ages.Count(a => a >= 60) / (double)Residents, 0.150, 0.170);
    }

    [Fact]
    public void The_doses_are_in_order_and_in_the_past()
    {
        var city = new City(Residents, Now);
        var counts = new int[Vaccinations.MaxDoses + 1];
        for (int i = 0; i < Residents; i++)
        {
            var person = city.Resident(i);
            var doses = city.DosesOf(person).ToArray();
            counts[doses.Length]++;
            Assert.Equal(Enumerable.Range(1, doses.Length), doses.Select(d => d.Dose));
            Assert.Equal(doses.OrderBy(d => d.At), doses);
            Assert.All(doses, d => Assert.True(d.At < Now));
            Assert.True(person.Age >= 3 || doses.Length == 0);
        }

        Assert.True(counts[3] > counts[2] && counts[2] > counts[0] && counts[0] > 0 && counts[1] > 0);
    }

    [Fact]
    public void Each_resident_is_in_at_most_one_tube_and_no_tube_is_over_capacity()
    {
        var city = new City(Residents, Now);
        var seen = new HashSet<int>();
        var ids = new HashSet<string>();
        foreach (var tube in city.Tubes())
        {
            Assert.True(ids.Add(tube.TubeId));
            Assert.InRange(tube.Members.Count, 1, tube.Capacity);
            Assert.All(tube.Members, member => Assert.True(seen.Add(member)));
            Assert.True(tube.CollectedAt < tube.SealedAt && tube.SealedAt < Now, $"{tube}");
            Assert.Equal(tube.Finding == Finding.Pending, tube.TestedAt is null);
            Assert.True(tube.TestedAt is null || (tube.TestedAt > tube.SealedAt && tube.TestedAt < Now), $"{tube}");
        }

        Assert.InRange(seen.Count / (double)Residents, 0.93, 0.99);
    }

    [Fact]
    public void Six_of_ten_were_sampled_within_a_day_and_there_are_positives_of_both_kinds()
    {
        var city = new City(Residents, Now);
        var tubes = city.Tubes().ToArray();
        double within(int hours) =>
            tubes.Where(t => t.CollectedAt > Now.AddHours(-hours)).Sum(t => t.Members.Count) / (double)Residents;
        Assert.InRange(within(24), 0.56, 0.64);
        Assert.InRange(within(48), 0.79, 0.86);
        Assert.InRange(within(72), 0.89, 0.95);
        Assert.Contains(tubes, t => t is { Finding: Finding.Positive, Capacity: > 1 });
        Assert.Contains(tubes, t => t is { Finding: Finding.Positive, Capacity: 1 });
        Assert.Contains(tubes, t => t.Finding == Finding.Inconclusive);
        Assert.Contains(tubes, t => t.Finding == Finding.Pending);
        Assert.Equal([1, 10, 20], tubes.Select(t => t.Capacity).Distinct().Order());
    }

    [Fact]
    public void Every_district_has_venues_of_every_kind()
    {
        var venues = new City(1_000, Now).Venues().ToArray();
        Assert.Equal(venues.Length, venues.Select(v => v.VenueId).Distinct().Count());
        Assert.Equal(13 * 6, venues.Select(v => (v.Venue.District, v.VenueId.Split('-')[0])).Distinct().Count());
    }
}
