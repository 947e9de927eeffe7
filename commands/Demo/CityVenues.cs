using Grid.Codes;
using Grid.Residents;
using Grid.Venues;

namespace Grid.Commands.Demo;

/// <summary>A door of the demo city.</summary>
internal sealed record Door(string VenueId, Venue Venue);

/// <summary>
/// The doors of the demo city: about one for a thousand residents, of six kinds with policies of their own.
/// </summary>
internal static class CityVenues
{
    /// <summary>The most venues that a demo makes.</summary>
    public const int MaxVenues = 5_000;

    private const int ResidentsPerVenue = 1_000;
    private const int Green = 1 << (int)CodeColour.Green;
    private const int Yellow = 1 << (int)CodeColour.Yellow;

    private static readonly (string Slug, string Name, int Weight, VenuePolicy Policy)[] Kinds =
    [
        ("metro", "地铁口", 20, new VenuePolicy(72, 0, Green)),
        ("mall", "购物中心", 22, new VenuePolicy(48, 0, Green)),
        ("hospital", "医院", 8, new VenuePolicy(24, 0, Green | Yellow)), // the fever clinic takes the yellow ones
        ("school", "学校", 15, new VenuePolicy(48, 0, Green)),
        ("office", "写字楼", 20, new VenuePolicy(72, 2, Green)),
        ("estate", "小区", 15, new VenuePolicy(null, 0, Green | Yellow)), // a yellow code goes home and stays there
    ];

    /// <summary>The venues of a city of so many residents; every kind and every district has at least one.</summary>
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
