using Grid.Residents;

namespace Grid.Gateway.Demo;

/// <summary>A place with a door, and whom it lets in.</summary>
/// <param name="MaxTestAgeHours">The oldest negative test that opens the door, hours; 0 asks for none.</param>
/// <param name="MinDoses">The fewest doses; 0 asks for none.</param>
/// <param name="AdmitColours">The colours that are let in, as the contract spells them.</param>
internal sealed record Venue(
    string VenueId, string Name, string District, int MaxTestAgeHours, int MinDoses, IReadOnlyList<string> AdmitColours);

/// <summary>The doors of the demo city: about one for a thousand residents, of six kinds with policies of their own.</summary>
internal static class CityVenues
{
    /// <summary>The most venues that a demo makes.</summary>
    public const int MaxVenues = 5_000;

    private const int ResidentsPerVenue = 1_000;
    private static readonly string[] Green = ["green"];
    private static readonly string[] GreenAndYellow = ["green", "yellow"];

    private static readonly (string Slug, string Name, int Weight, int Hours, int Doses, string[] Colours)[] Kinds =
    [
        ("metro", "地铁口", 20, 72, 0, Green),
        ("mall", "购物中心", 22, 48, 0, Green),
        ("hospital", "医院", 8, 24, 0, GreenAndYellow), // the fever clinic takes the yellow ones
        ("school", "学校", 15, 48, 0, Green),
        ("office", "写字楼", 20, 72, 2, Green),
        ("estate", "小区", 15, 0, 0, GreenAndYellow), // a yellow code goes home and stays there
    ];

    /// <summary>The venues of a city of so many residents; every kind and every district has at least one.</summary>
    public static IEnumerable<Venue> Of(ulong seed, int residents)
    {
        Draw draw = new Draw(seed).For(4);
        int floor = Kinds.Length * Districts.All.Count;
        int count = Math.Clamp(residents / ResidentsPerVenue, floor, MaxVenues);
        int[] wheel = Kinds.SelectMany((kind, place) => Enumerable.Repeat(place, kind.Weight)).ToArray();
        for (int i = 0; i < count; i++)
        {
            int kind = i < floor ? i % Kinds.Length : wheel[draw.Below(wheel.Length, i, Purpose.VenueKind)];
            int district = i < floor ? i / Kinds.Length : draw.Below(Districts.All.Count, i, Purpose.VenueDistrict);
            (string slug, string name, _, int hours, int doses, string[] colours) = Kinds[kind];
            District at = Districts.All[district];
            yield return new Venue(
                $"{slug}-{at.Code}-{i + 1:0000}", $"{at.Chinese}{name} {i + 1}", at.Code, hours, doses, colours);
        }
    }
}
