using Grid.Codes;
using Grid.Residents;
using Grid.Venues;

namespace Grid.Commands.Demo;

/// <summary>A door of the demo city.</summary>
internal sealed record Door(string VenueId, Venue Venue);

/// <summary>
/// The doors of the demo city: about one per thousand residents, of six kinds, each with its own policy.
/// </summary>
internal static class CityVenues
{
    /// <summary>Upper bound of the venues.</summary>
    public const int MaxVenues = 5_000;

    private const int ResidentsPerVenue = 1_000;
    private const int Green = 1 << (int)CodeColour.Green;
    private const int Yellow = 1 << (int)CodeColour.Yellow;

    private static readonly (string Slug, string Name, int Weight, VenuePolicy Policy)[] Kinds =
    [
        ("metro", "地铁口", 20, new VenuePolicy(72, 0, Green)),
        ("mall", "购物中心", 22, new VenuePolicy(48, 0, Green)),
        ("hospital", "医院", 8, new VenuePolicy(24, 0, Green | Yellow)), // the fever clinic admits yellow codes
        ("school", "学校", 15, new VenuePolicy(48, 0, Green)),
        ("office", "写字楼", 20, new VenuePolicy(72, 2, Green)),
        ("estate", "小区", 15, new VenuePolicy(null, 0, Green | Yellow)), // residents with a yellow code may go home
    ];

    /// <summary>The venues of a city of that size; every kind and every district has at least one.</summary>
    public static IEnumerable<Door> Of(ulong seed, int residents)
    {
        Draw draw = new Draw(seed).For(4);
        int floor = Kinds.Length * Districts.All.Count;
        int count = Math.Clamp(residents / ResidentsPerVenue, floor, MaxVenues);
        int[] wheel = Kinds.SelectMany((kind, place) => Enumerable.Repeat(place, kind.Weight)).ToArray();
        for (int i = 0; i < count; i++)
        {
            int kind = i < floor ? i % Kinds.Length : wheel[draw.Below(wheel.Length, i, Purpose.VenueKind)];
            int district = i < floor ? i / Kinds.Length : draw.Below(Districts.All.Count, i, Purpose.VenueDistrict);
            District at = Districts.All[district];
            var venue = new Venue($"{at.Chinese}{Kinds[kind].Name} {i + 1}", int.Parse(at.Code), Kinds[kind].Policy);
            yield return new Door($"{Kinds[kind].Slug}-{at.Code}-{i + 1:0000}", venue);
        }
    }
}
