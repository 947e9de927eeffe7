namespace Grid.Residents;

/// <summary>
/// The address code at the head of an identification number (GB/T 2260): two digits of province, two of prefecture,
/// two of county.
/// </summary>
/// <remarks>
/// A number keeps the code of the place and the year in which it was issued, and codes have been renamed, merged and
/// abolished every year since 1980: a list of today's counties would refuse millions of real people. So this checks
/// what can't be wrong:
/// <list type="bullet">
/// <item>the province is one of the 31 of the mainland, Taiwan (71, 83), Hong Kong (81) or Macao (82); 81, 82 and 83
/// with 0000 head the residence permits given since 2018;</item>
/// <item>a mainland code names a prefecture (third and fourth digit not 00); the county may be 00, because cities
/// without districts (441900, 442000, 620200) have issued numbers under their own code;</item>
/// <item>in Shaanxi (61), the grid's home, the prefecture is one that exists (6101 to 6110), or one of the former
/// prefectures and the direct administration that existed between 1980 and 2001 (6121 to 6127, 6190).</item>
/// </list>
/// </remarks>
public static class RegionCode
{
    private const int Shaanxi = 61;

    /// <summary>Whether a six-digit code can stand at the head of a number.</summary>
    public static bool IsPlausible(int code)
    {
        if (code is < 110_000 or > 839_999)
            return false;
        int province = code / 10_000, prefecture = code / 100 % 100;
        return province switch
        {
            Shaanxi => prefecture is (>= 1 and <= 10) or (>= 21 and <= 27) or 90,
            71 or 81 or 82 or 83 => true,
            (>= 11 and <= 15) or (>= 21 and <= 23) or (>= 31 and <= 37) or (>= 41 and <= 46)
                or (>= 50 and <= 54) or (>= 62 and <= 65) => prefecture != 0,
            _ => false,
        };
    }
}
