using Grid.Residents;

namespace Grid.Commands.Demo;

/// <summary>Fictitious names: a surname by its frequency in China and a given name of common characters.</summary>
internal static class Names
{
    // Per ten thousand people, rounded, from the household registry's yearly name reports.
    private static readonly (string Surname, int Weight)[] Surnames =
    [
        ("王", 715),
        ("李", 712),
        ("张", 674),
        ("刘", 540),
        ("陈", 454),
        ("杨", 309),
        ("黄", 225),
        ("赵", 222),
        ("周", 205),
        ("吴", 201),
        ("徐", 167),
        ("孙", 155),
        ("朱", 132),
        ("马", 128),
        ("胡", 121),
        ("郭", 118),
        ("林", 115),
        ("何", 113),
        ("高", 110),
        ("梁", 94),
        ("郑", 88),
        ("罗", 86),
        ("宋", 82),
        ("谢", 75),
        ("唐", 72),
        ("韩", 71),
        ("曹", 65),
        ("许", 64),
        ("邓", 62),
        ("萧", 60),
        ("冯", 59),
        ("曾", 55),
        ("程", 54),
        ("蔡", 50),
        ("彭", 49),
        ("潘", 48),
        ("袁", 47),
        ("于", 46),
        ("董", 46),
        ("余", 45),
        ("苏", 44),
        ("叶", 43),
        ("吕", 42),
        ("魏", 42),
        ("蒋", 41),
        ("田", 40),
        ("杜", 39),
        ("丁", 37),
        ("沈", 36),
        ("姜", 34),
        ("范", 33),
        ("江", 32),
        ("傅", 31),
        ("钟", 30),
        ("卢", 29),
        ("汪", 28),
        ("戴", 27),
        ("崔", 27),
        ("任", 26),
        ("陆", 25),
        ("廖", 25),
        ("姚", 24),
        ("方", 24),
        ("金", 23),
        ("邱", 23),
        ("夏", 22),
        ("谭", 22),
        ("韦", 21),
        ("贾", 21),
        ("邹", 20),
        ("石", 20),
        ("熊", 19),
        ("孟", 19),
        ("秦", 18),
        ("阎", 18),
        ("薛", 17),
        ("侯", 17),
        ("雷", 17),
        ("白", 16),
        ("龙", 16),
        ("段", 15),
        ("郝", 15),
        ("孔", 14),
        ("邵", 14),
        ("史", 14),
        ("毛", 13),
        ("常", 13),
        ("万", 12),
        ("顾", 12),
        ("赖", 11),
        ("武", 11),
        ("康", 11),
        ("贺", 10),
        ("严", 10),
        ("尹", 10),
        ("钱", 10),
        ("施", 9),
        ("牛", 9),
        ("洪", 9),
        ("龚", 9),
        ("欧阳", 7),
        ("上官", 2),
        ("司马", 2),
        ("诸葛", 1),
    ];

    private const string ForMen = "伟强磊军勇杰涛斌鹏浩宇轩博文志明建国华平刚" + "辉峰超波俊飞鑫龙健凯旭东海林山岩松";
    private const string ForWomen =
        "芳娜敏静丽艳娟霞秀兰英华慧巧美雅琳萍红玲芬" + "燕彩春菊梅莉真雪荣爱妹香月莺媛瑞凡佳";
    private const string ForChildren = "子梓雨欣泽沐宸诺一奕晨思若涵可悦语安乐然熙睿辰瑶恩嘉";
    private const int SchoolYears = 15;

    private static readonly string[] SurnameWheel = Surnames
        .SelectMany(s => Enumerable.Repeat(s.Surname, s.Weight))
        .ToArray();

    /// <summary>
    /// A name that suits a sex and a year of birth; a single given character is more frequent before 1990.
    /// </summary>
    public static string Of(Draw draw, int index, Sex sex, int yearOfBirth, int thisYear)
    {
        string surname = SurnameWheel[draw.Below(SurnameWheel.Length, index, Purpose.Surname)];
        string characters = sex == Sex.Male ? ForMen : ForWomen;
        char second = characters[draw.Below(characters.Length, index, Purpose.GivenSecond)];
        if (draw.Unit(index, Purpose.GivenLength) < (yearOfBirth < 1990 ? 0.35 : 0.12))
            return string.Concat(surname, [second]);

        string heads = thisYear - yearOfBirth <= SchoolYears ? ForChildren : characters;
        char first = heads[draw.Below(heads.Length, index, Purpose.GivenFirst)];
        return string.Concat(surname, [first, second]);
    }
}
