using System.Collections.Immutable;
using Grid.Codes;

namespace Grid.Tests.Codec;

/// <summary>Makes values at random, the extremes and the defaults more often than chance would.</summary>
internal sealed class RichValues(int seed)
{
    private const int DepthMax = 4;
    private static readonly string[] s_texts = ["", "a", "张*", "🏥🧪", "西安市雁塔区小寨西路", new('x', 41), new('ä', 43), new('y', 200)];

    private readonly Random _random = new(seed);

    public Rich Rich() => new()
    {
        Flag = OneIn(2),
        Byte = (byte)Number(),
        SByte = (sbyte)Number(),
        Short = (short)Number(),
        UShort = (ushort)Number(),
        Char = (char)_random.Next(0xD800),
        Int = (int)Number(),
        UInt = (uint)Number(),
        Long = Number(),
        ULong = (ulong)Number(),
        Float = Pick(0f, -0f, float.NaN, float.MaxValue, _random.NextSingle()),
        Double = Double(),
        Decimal = Pick(0m, 0.00m, decimal.MaxValue, decimal.MinValue, -1.50m, (decimal)_random.NextDouble()),
        Guid = Guid(),
        Moment = Moment(),
        DateTime = new DateTime(_random.NextInt64(System.DateTime.MaxValue.Ticks), Pick(DateTimeKind.Utc, DateTimeKind.Unspecified)),
        Span = new TimeSpan(Number()),
        Day = DateOnly.FromDayNumber(Pick(0, DateOnly.MaxValue.DayNumber, _random.Next(DateOnly.MaxValue.DayNumber))),
        Time = new TimeOnly(_random.NextInt64(TimeOnly.MaxValue.Ticks)),
        Text = Text(),
        MaybeText = Maybe(Text),
        Bytes = Bytes(),
        MaybeBytes = Maybe(Bytes),
        Memory = Bytes(),
        Small = (Small)_random.Next(256),
        Wide = (Wide)Number(),
        MaybeInt = OneIn(2) ? null : (int)Number(),
        MaybeGuid = OneIn(2) ? null : Guid(),
        MaybeSmall = OneIn(2) ? null : Small.None,
        MaybeMoment = OneIn(2) ? null : Moment(),
        Point = Point(),
        MaybePoint = OneIn(2) ? null : Point(),
        Leaf = Leaf(),
        MaybeLeaf = Maybe(Leaf),
        Shape = Maybe(Shape),
        Tree = Maybe(() => Tree(0)),
        Hidden = Hidden.Of((int)Number(), Maybe(Text), Number(), Guid()),
        Dated = new Dated { At = Moment(), Attempts = _random.Next(5), Steps = Many(() => (int)Number()) },
        Collections = Collections(),
        Last = (int)Number(),
    };

    private RichCollections Collections() => new()
    {
        Ints = [.. Many(() => (int)Number())],
        Texts = Many(Text),
        MaybeLeaves = Maybe(() => Many(Leaf)),
        Lists = Entries(Text, () => Many(() => (int)Number())),
        Set = [.. Many(Number)],
        Fixed = [.. Many(Leaf)],
        Guids = Many(Guid),
        Names = Entries(() => (int)Number(), Text),
        Pair = ((int)Number(), Text()),
        Entry = new(Guid(), Point()),
        Gaps = Many(() => OneIn(2) ? null : (int?)Number()),
        TextsWithGaps = [.. Many(() => Maybe(Text))],
        Points = Maybe(() => Entries(Guid, () => Many(Point).ToArray())),
        Shapes = Many(Shape),
        Nested = Many(() => Many(() => (int)Number())),
        Smalls = Many(() => (Small)_random.Next(3)),
        Four = (Moment(), OneIn(2) ? null : Double(), Maybe(Leaf), Bytes()),
        Foreign = [.. Many(Cause)],
    };

    private Cause Cause() => new(Guid(), default, default, Text(), (int)Number(), Moment(), OneIn(2) ? null : Moment());

    private Leaf Leaf() => new(Text(), (int)Number()) { Note = Maybe(Text) };

    private Shape Shape() => _random.Next(3) switch
    {
        0 => new Circle(Text(), Double()),
        1 => new Square(Text(), (int)Number()),
        _ => new Cube(Text(), (int)Number()) { Hollow = OneIn(2) },
    };

    private Tree Tree(int depth) => new()
    {
        Value = (int)Number(),
        Children = depth == DepthMax ? [] : Many(() => Tree(depth + 1)),
    };

    private Point Point() => OneIn(3) ? default : new Point((int)Number(), (int)Number());

    private long Number() =>
        Pick(0, 1, -1, 63, -64, 64, 127, 128, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, _random.NextInt64(), -_random.Next());

    private double Double() => Pick(0d, -0d, double.NaN, double.Epsilon, double.NegativeInfinity, _random.NextDouble());

    private Guid Guid()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return OneIn(4) ? default : new Guid(bytes);
    }

    private DateTimeOffset Moment()
    {
        var ticks = _random.NextInt64(TimeSpan.TicksPerDay, DateTimeOffset.MaxValue.Ticks - TimeSpan.TicksPerDay);
        var unit = Pick(1, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerSecond, TimeSpan.TicksPerMinute);
        var offset = OneIn(2) ? TimeSpan.Zero : TimeSpan.FromMinutes(_random.Next(-14 * 60, 14 * 60));
        return Pick(default, DateTimeOffset.MaxValue, DateTimeOffset.MinValue, new DateTimeOffset(ticks / unit * unit, offset));
    }

    private string Text() => Pick(s_texts);

    private byte[] Bytes()
    {
        var bytes = new byte[Pick(0, 1, 125, 126, 127, 300)];
        _random.NextBytes(bytes);
        return bytes;
    }

    private List<T> Many<T>(Func<T> make) => [.. Enumerable.Range(0, _random.Next(4)).Select(_ => make())];

    private Dictionary<TKey, TValue> Entries<TKey, TValue>(Func<TKey> key, Func<TValue> value)
        where TKey : notnull => Many(key).Distinct().ToDictionary(each => each, _ => value());

    private T? Maybe<T>(Func<T> make)
        where T : class => OneIn(3) ? null : make();

    private T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];

    private bool OneIn(int chances) => _random.Next(chances) == 0;
}
