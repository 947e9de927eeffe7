using System.Text;
using Grid.Gateway.Errors;
using Grid.Gateway.Imports;
using Grid.Gateway.Json;
using Grid.Gateway.Residents;

namespace Grid.Tests.Residents;

public sealed class RegistryFileTests
{
    [Theory]
    [InlineData("a,b,c", new[] { "a", "b", "c" })]
    [InlineData(",", new[] { "", "" })]
    [InlineData("a,b,", new[] { "a", "b", "" })]
    [InlineData("\"a,b\",\"say \"\"x\"\"\",", new[] { "a,b", "say \"x\"", "" })]
    [InlineData("\"\"", new[] { "" })]
    [InlineData("\"a\r\nb\nc\",d", new[] { "a\r\nb\nc", "d" })]
    [InlineData(" a , b", new[] { " a ", " b" })]
    [InlineData("\"a", null)]
    [InlineData("\"a\"b,c", null)]
    [InlineData("a\"b,c", null)]
    [InlineData("a\"b\",c", null)]
    [InlineData("a,\"b\"\"", null)]
    [InlineData("a\nb", null)]
    public void A_record_is_read_as_the_standard_defines(string record, string[]? expected) =>
        Assert.Equal(expected, new CsvRecords(Charsets.Find("utf-8")!).Read(Encoding.UTF8.GetBytes(record)));

    [Fact]
    public void Invalid_text_is_an_invalid_record() =>
        Assert.Null(new CsvRecords(Charsets.Find("utf-8")!).Read([(byte)'a', 0xC3, (byte)',', (byte)'b']));

    [Fact]
    public void Columns_are_found_by_their_names_in_any_order()
    {
        var file = new RegistryFile(Charsets.Find("utf-8"));
        Assert.Null(file.Read(Line("\"NAME\", phone ,street,District,idNumber")));
        Assert.Equal(
            new RegisterRequest("11010519491231002X", "张三", "13800000000", "610113"),
            file.Read(Line("张三,13800000000,\"南大街 1, 2\",610113,11010519491231002X"))
        );
        var refused = Assert.Throws<RefusedException>(() => file.Read(Line("张三,13800000000")));
        Assert.Equal(ErrorCodes.LineInvalid, refused.Code);
    }

    [Fact]
    public void A_heading_that_names_a_column_twice_is_refused() =>
        Assert.Throws<RegistryFileException>(() =>
            new RegistryFile(Charsets.Find("utf-8")).Read(Line("idNumber,name,phone,district,IDNUMBER"))
        );

    private static ReadOnlyMemory<byte> Line(string text) => Encoding.UTF8.GetBytes(text);
}
