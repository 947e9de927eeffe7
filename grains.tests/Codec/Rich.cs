using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Grid.Tests.Codec;

/// <summary>A type with a member of every kind that the codec knows.</summary>
[GenerateSerializer]
internal sealed class Rich
{
    [Id(0)] public bool Flag { get; set; }
    [Id(1)] public byte Byte { get; set; }
    [Id(2)] public sbyte SByte { get; set; }
    [Id(3)] public short Short { get; set; }
    [Id(4)] public ushort UShort { get; set; }
    [Id(5)] public char Char { get; set; }
    [Id(6)] public int Int { get; set; }
    [Id(7)] public uint UInt { get; set; }
    [Id(8)] public long Long { get; set; }
    [Id(9)] public ulong ULong { get; set; }
    [Id(10)] public float Float { get; set; }
    [Id(11)] public double Double { get; set; }
    [Id(12)] public decimal Decimal { get; set; }
    [Id(13)] public Guid Guid { get; set; }
    [Id(14)] public DateTimeOffset Moment { get; set; }
    [Id(15)] public DateTime DateTime { get; set; }
    [Id(16)] public TimeSpan Span { get; set; }
    [Id(17)] public DateOnly Day { get; set; }
    [Id(18)] public TimeOnly Time { get; set; }
    [Id(19)] public string Text { get; set; } = "";
    [Id(20)] public string? MaybeText { get; set; }
    [Id(21)] public byte[] Bytes { get; set; } = [];
    [Id(22)] public byte[]? MaybeBytes { get; set; }
    [Id(23)] public ReadOnlyMemory<byte> Memory { get; set; }
    [Id(24)] public Small Small { get; set; }
    [Id(25)] public Wide Wide { get; set; }
    [Id(26)] public int? MaybeInt { get; set; }
    [Id(27)] public Guid? MaybeGuid { get; set; }
    [Id(28)] public Small? MaybeSmall { get; set; }
    [Id(29)] public DateTimeOffset? MaybeMoment { get; set; }
    [Id(30)] public Point Point { get; set; }
    [Id(31)] public Point? MaybePoint { get; set; }
    [Id(32)] public Leaf Leaf { get; set; } = new("", 0);
    [Id(33)] public Leaf? MaybeLeaf { get; set; }
    [Id(34)] public Shape? Shape { get; set; }
    [Id(35)] public Tree? Tree { get; set; }
    [Id(36)] public Hidden Hidden { get; set; } = new();
    [Id(37)] public Dated Dated { get; set; } = new() { At = default };
    [Id(100)] public RichCollections Collections { get; set; } = new();

    /// <summary>The largest id that there can be.</summary>
    [Id(536870911)] public int Last { get; set; }
}

/// <summary>A member of every kind of collection.</summary>
[GenerateSerializer]
internal sealed class RichCollections
{
    [Id(0)] public int[] Ints { get; set; } = [];
    [Id(1)] public List<string> Texts { get; set; } = [];
    [Id(2)] public List<Leaf>? MaybeLeaves { get; set; }
    [Id(3)] public Dictionary<string, List<int>> Lists { get; set; } = [];
    [Id(4)] public HashSet<long> Set { get; set; } = [];
    [Id(5)] public ImmutableArray<Leaf> Fixed { get; set; } = [];
    [Id(6)] public IReadOnlyList<Guid> Guids { get; set; } = [];
    [Id(7)] public IReadOnlyDictionary<int, string> Names { get; set; } = new Dictionary<int, string>();
    [Id(8)] public (int Count, string Name) Pair { get; set; } = (0, "");
    [Id(9)] public KeyValuePair<Guid, Point> Entry { get; set; }
    [Id(10)] public List<int?> Gaps { get; set; } = [];
    [Id(11)] public string?[] TextsWithGaps { get; set; } = [];
    [Id(12)] public Dictionary<Guid, Point[]>? Points { get; set; }
    [Id(13)] public List<Shape> Shapes { get; set; } = [];
    [Id(14)] public List<List<int>> Nested { get; set; } = [];
    [Id(15)] public IReadOnlyCollection<Small> Smalls { get; set; } = [];
    [Id(16)] public (DateTimeOffset, double?, Leaf?, byte[]) Four { get; set; } = (default, null, null, []);
    [Id(17)] public Grid.Codes.Cause[] Foreign { get; set; } = [];
}

internal enum Small : byte
{
    None,
    One,
    Two,
}

internal enum Wide : long
{
    Lowest = long.MinValue,
    None = 0,
    Highest = long.MaxValue,
}

/// <summary>A positional struct with ids.</summary>
[GenerateSerializer]
internal readonly record struct Point([property: Id(0)] int X, [property: Id(1)] int Y);

/// <summary>A positional record without ids: its parameters count by their order, apart from its body.</summary>
[GenerateSerializer]
internal sealed record Leaf(string Name, int Weight)
{
    [Id(0)] public string? Note { get; init; }
}

/// <summary>A closed hierarchy; base and derived classes count ids apart.</summary>
[GenerateSerializer]
[JsonDerivedType(typeof(Circle), "circle")]
[JsonDerivedType(typeof(Square), "square")]
[JsonDerivedType(typeof(Cube), "cube")]
internal abstract record Shape([property: Id(0)] string Colour);

[GenerateSerializer, Alias("circle")]
internal sealed record Circle(string Colour, [property: Id(0)] double Radius) : Shape(Colour);

[GenerateSerializer, Alias("square")]
internal record Square(string Colour, [property: Id(0)] int Side) : Shape(Colour);

[GenerateSerializer, Alias("cube")]
internal sealed record Cube(string Colour, int Side) : Square(Colour, Side)
{
    [Id(0)] public bool Hollow { get; init; }
}

/// <summary>A type that contains itself.</summary>
[GenerateSerializer]
internal sealed class Tree
{
    [Id(0)] public int Value { get; set; }

    [Id(1)] public List<Tree> Children { get; set; } = [];
}

/// <summary>Members that nobody outside may set.</summary>
[GenerateSerializer]
internal sealed class Hidden
{
    [Id(0)] private readonly int _readOnlyField;
    [Id(1)] private string? _field;

    internal Hidden()
    {
    }

    private Hidden(int field, string? text, long setter, Guid getter)
    {
        _readOnlyField = field;
        _field = text;
        Setter = setter;
        Getter = getter;
    }

    [Id(2)] public long Setter { get; private set; }

    [Id(3)] public Guid Getter { get; }

    public int ReadOnlyField => _readOnlyField;

    public string? Field => _field;

    public static Hidden Of(int field, string? text, long setter, Guid getter) => new(field, text, setter, getter);

    public void Touch() => _field += "!";
}

/// <summary>A required member and one whose initialiser is no default.</summary>
[GenerateSerializer]
internal sealed class Dated
{
    [Id(0)] public required DateTimeOffset At { get; init; }

    [Id(1)] public int Attempts { get; init; } = 3;

    [Id(2)] public List<int> Steps { get; set; } = [1, 2];

    [field: NonSerialized] public int Scratch { get; set; }
}
