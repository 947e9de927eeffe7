using System.Reflection;
using System.Text.Json;

namespace Grid.Tests.Serialization;

/// <summary>
/// The bytes of each stored state, written down. Appending a member changes the golden bytes of the sample: replace them by what the
/// failure prints. The bytes as first written never change, and stay readable for ever.
/// </summary>
public sealed class GoldenBytesTests
{
    private static readonly Dictionary<string, string> Golden = new()
    {
        ["resident"] = "",
        ["tube"] = "",
        ["dose"] = "",
        ["session"] = "",
        ["venue"] = "",
        ["client"] = "",
        ["test"] = "",
    };

    // Written on the first day of the format, and what was read of them on that day.
    private static readonly Dictionary<string, (string Bytes, string Read)> First = new()
    {
        ["resident"] = ("", """{}"""),
        ["tube"] = ("", """{}"""),
        ["dose"] = ("", """{}"""),
        ["session"] = ("", """{}"""),
        ["venue"] = ("", """{}"""),
        ["client"] = ("", """{}"""),
        ["test"] = ("", """{}"""),
    };

    public static TheoryData<string> Types => StoredType.Names;

    [Theory]
    [MemberData(nameof(Types))]
    public void A_state_is_written_as_the_golden_bytes(string name)
    {
        var written = Convert.ToHexStringLower(StoredType.Named(name).Encode());
        Assert.True(written == Golden[name], $"[\"{name}\"] = \"{written}\",");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_golden_bytes_are_read_as_the_state(string name)
    {
        var type = StoredType.Named(name);
        Assert.Equal(type.Sample, type.Decode(Convert.FromHexString(Golden[name])));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Bytes_of_the_first_day_are_read_with_every_member_of_that_day(string name)
    {
        var (bytes, then) = First[name];
        var now = StoredType.Named(name).Decode(Convert.FromHexString(bytes));
        using var expected = JsonDocument.Parse(then);
        using var read = JsonDocument.Parse(now);
        // Members that came later may be there too.
        Assert.True(Holds(read.RootElement, expected.RootElement), $"read as {now}");
    }

    [Fact]
    public void Every_stored_type_and_all_within_it_have_an_alias_that_starts_with_grid()
    {
        var seen = new HashSet<Type>();
        foreach (var type in StoredType.All)
            Walk(type.Type);
        Assert.True(seen.Count > 15, "the walk did not reach the types within the states");

        void Walk(Type type)
        {
            type = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
            if (type.Namespace?.StartsWith("Grid", StringComparison.Ordinal) != true || type.IsEnum || !seen.Add(type))
                return;
            Assert.StartsWith("grid.", type.GetCustomAttribute<AliasAttribute>()?.Alias, StringComparison.Ordinal);
            foreach (var member in type.GetProperties().Where(static member => member.GetCustomAttribute<IdAttribute>() is not null))
                Walk(member.PropertyType);
        }
    }

    private static bool Holds(JsonElement actual, JsonElement expected) => expected.ValueKind switch
    {
        JsonValueKind.Object => actual.ValueKind == JsonValueKind.Object
            && expected.EnumerateObject().All(member => actual.TryGetProperty(member.Name, out var value) && Holds(value, member.Value)),
        JsonValueKind.Array => actual.ValueKind == JsonValueKind.Array && actual.GetArrayLength() == expected.GetArrayLength()
            && actual.EnumerateArray().Zip(expected.EnumerateArray()).All(static pair => Holds(pair.First, pair.Second)),
        _ => actual.GetRawText() == expected.GetRawText(),
    };
}
