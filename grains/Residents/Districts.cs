using System.Collections.Frozen;

namespace Grid.Residents;

/// <summary>A district or county of the city.</summary>
/// <param name="Code">Its administrative code (GB/T 2260), six digits.</param>
/// <param name="Chinese">Its name in Chinese.</param>
/// <param name="English">Its name in pinyin, without the word for district or county.</param>
public sealed record District(string Code, string Chinese, string English);

/// <summary>The thirteen districts and counties of Xi'an.</summary>
public static class Districts
{
    /// <summary>In order of their codes.</summary>
    public static IReadOnlyList<District> All { get; } =
    [
        new("610102", "新城区", "Xincheng"),
        new("610103", "碑林区", "Beilin"),
        new("610104", "莲湖区", "Lianhu"),
        new("610111", "灞桥区", "Baqiao"),
        new("610112", "未央区", "Weiyang"),
        new("610113", "雁塔区", "Yanta"),
        new("610114", "阎良区", "Yanliang"),
        new("610115", "临潼区", "Lintong"),
        new("610116", "长安区", "Chang'an"),
        new("610117", "高陵区", "Gaoling"),
        new("610118", "鄠邑区", "Huyi"),
        new("610122", "蓝田县", "Lantian"),
        new("610124", "周至县", "Zhouzhi"),
    ];

    private static readonly FrozenDictionary<string, District> ByCode = All.ToFrozenDictionary(d => d.Code);

    public static District? Find(string code) => ByCode.GetValueOrDefault(code);

    /// <summary>Finds the district of a code within a larger text without an allocation.</summary>
    public static District? Find(ReadOnlySpan<char> code) =>
        ByCode.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(code, out District? found) ? found : null;
}
