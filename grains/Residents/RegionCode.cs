using System.Collections.Frozen;

namespace Grid.Residents;

/// <summary>
/// The address code at the head of an identification number (GB/T 2260): two digits of province, two of prefecture,
/// two of county.
/// </summary>
/// <remarks>
/// A number keeps the code of its place and year of issue. Codes have been renamed, merged and abolished every year
/// since 1980, so a list of today's counties would refuse millions of real people. We check the first four digits
/// against every prefecture that ever existed, and the county only where the prefecture is 00:
/// <list type="bullet">
/// <item><see cref="Prefectures"/> lists the prefectures of the 31 mainland provinces from 1980 to 2020, with 90 for
/// counties directly under a province; a test checks the 7,000 codes of those years against it;</item>
/// <item>the county may be 00: cities without districts (441900, 442000, 620200) issue numbers under their own
/// code;</item>
/// <item>Hainan had no prefectures until 2001: its cities and counties were 460001 to 460007 and 460021 to
/// 460039;</item>
/// <item>Taiwan (71, 83), Hong Kong (81) and Macao (82): residence permits issued since 2018 start with 810000, 820000
/// and 830000.</item>
/// </list>
/// </remarks>
public static class RegionCode
{
    private const int HainanWithoutPrefecture = 4600;

    // Each line: the province, then ranges of its prefectures.
    private static readonly string[] Prefectures =
    [
        "11 01-02",
        "12 01-02",
        "13 01-11 21-30 90",
        "14 01-11 21-27 90",
        "15 01-09 21-29",
        "21 01-14 21-22 90",
        "22 01-08 21-26 90",
        "23 01-12 21-27 90",
        "31 01-02",
        "32 01-13 21-27 90",
        "33 01-11 21-28 90",
        "34 01-18 21-29 90",
        "35 01-09 21-28 90",
        "36 01-11 21-26 90",
        "37 01-17 21-29 90",
        "41 01-17 21-30 90",
        "42 01-13 21-29 90",
        "43 01-13 21-31 90",
        "44 01-29 51-53 90",
        "45 01-14 21-28",
        "46 01-04 90",
        "50 01-03",
        "51 01-39 70 90",
        "52 01-06 21-27",
        "53 01-09 21-35",
        "54 01-06 21-27",
        "61 01-10 21-27 90",
        "62 01-12 21-30",
        "63 01-02 21-28",
        "64 01-05 21-22",
        "65 01-05 21-32 40-43 90",
    ];

    private static readonly FrozenSet<int> Known = Prefectures.SelectMany(Expand).ToFrozenSet();

    /// <summary>Whether an identification number can start with this six-digit code.</summary>
    public static bool IsPlausible(int code)
    {
        if (code is < 110_000 or > 839_999)
            return false;
        int province = code / 10_000,
            prefecture = code / 100,
            county = code % 100;
        return province is 71 or 81 or 82 or 83
            || Known.Contains(prefecture)
            || (prefecture == HainanWithoutPrefecture && county is (>= 1 and <= 7) or (>= 21 and <= 39));
    }

    private static IEnumerable<int> Expand(string line)
    {
        var parts = line.Split(' ');
        var province = int.Parse(parts[0]) * 100;
        foreach (var range in parts.Skip(1))
        {
            var ends = range.Split('-');
            for (var i = int.Parse(ends[0]); i <= int.Parse(ends[^1]); i++)
                yield return province + i;
        }
    }
}
