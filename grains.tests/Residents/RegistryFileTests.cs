using System.Text;
using Grid.Gateway.Errors;
using Grid.Gateway.Imports;
using Grid.Gateway.Json;
using Grid.Gateway.Residents;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Residents;

public sealed class RegistryFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
    public void A_record_is_read_as_the_standard_says(string record, string[]? expected) =>
        Assert.Equal(expected, new CsvRecords(Charsets.Find("utf-8")!).Read(Encoding.UTF8.GetBytes(record)));

    [Fact]
    public void Bytes_that_are_no_text_are_no_record() =>
        Assert.Null(new CsvRecords(Charsets.Find("utf-8")!).Read([(byte)'a', 0xC3, (byte)',', (byte)'b']));

    [Fact]
    public void Columns_are_found_by_their_names_in_any_order()
    {
        var file = new RegistryFile(Charsets.Find("utf-8"));
        Assert.Null(file.Read(Line("\"NAME\", phone ,street,District,idNumber")));
        Assert.Equal(
            new RegisterRequest("11010519491231002X", "张三", "13800000000", "610113"),
            file.Read(Line("张三,13800000000,\"南大街 1, 2\",610113,11010519491231002X")));
        var refused = Assert.Throws<RefusedException>(() => file.Read(Line("张三,13800000000")));
        Assert.Equal(ErrorCodes.LineInvalid, refused.Code);
    }

    [Fact]
    public void A_heading_that_names_a_column_twice_is_refused() =>
        Assert.Throws<RegistryFileException>(() => new RegistryFile(Charsets.Find("utf-8")).Read(Line("idNumber,name,phone,district,IDNUMBER")));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_is_taken_line_by_line_and_nothing_of_a_person_is_printed(bool csv)
    {
        (string Id, string Name, string Phone, string District)[] people =
        [
            ("11010519491231002X", "张三丰", "13812345678", "610113"),
            ("440524188001010014", "李四光", "+8613912345678", "未央区"),
            ("110105194912310021", "王五魁", "13712345678", "610113"), // wrong check character
            ("440524201812160028", "赵六合", "12345", "610113"),
            ("11010519491231002x", "张三丰", "13812345678", "610113"), // the first once more
        ];
        var file = Path.Combine(_folder.Path, csv ? "registry.csv" : "registry.ndjson");
        string[] lines = csv
            ? ["idNumber,name,phone,district", .. people.Select(p => $"{p.Id},{p.Name},{p.Phone},{p.District}")]
            : ["not json", .. people.Select(p =>
                $$"""{"idNumber":"{{p.Id}}","name":"{{p.Name}}","phone":"{{p.Phone}}","district":"{{p.District}}"}""")];
        await File.WriteAllLinesAsync(file, lines);

        var end = await GatewayCommand.RunAsync("import", file, "--Grid:Data", _folder.Path);
        Assert.True(end.ExitCode == 0, end.Error);
        string[] expected = csv
            ? ["accepted 2", "duplicates 1", "conflicts 0", "rejected 2", "line 4 id-number-invalid", "line 5 phone-invalid"]
            : ["accepted 2", "duplicates 1", "conflicts 0", "rejected 3", "line 1 json-invalid", "line 4 id-number-invalid", "line 5 phone-invalid"];
        Assert.Equal(expected, end.Output.TrimEnd().Split('\n'));
        Assert.All(people, p => Assert.DoesNotContain(p.Id, end.Output + end.Error));
        Assert.All(people, p => Assert.DoesNotContain(p.Name, end.Output + end.Error));
    }

    [Fact]
    public async Task A_file_without_its_heading_is_refused_whole()
    {
        var file = Path.Combine(_folder.Path, "registry.csv");
        await File.WriteAllTextAsync(file, "11010519491231002X,张三丰,13812345678,610113\n");
        var end = await GatewayCommand.RunAsync("import", file, "--Grid:Data", _folder.Path);
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("idNumber is missing", end.Error);
        Assert.DoesNotContain("张三丰", end.Error);

        var none = await GatewayCommand.RunAsync("import", Path.Combine(_folder.Path, "none.csv"), "--Grid:Data", _folder.Path);
        Assert.Equal(1, none.ExitCode);
    }

    [Fact]
    public async Task A_file_of_which_no_line_is_taken_is_a_failure()
    {
        var file = Path.Combine(_folder.Path, "registry.ndjson");
        await File.WriteAllTextAsync(file, "{}\n{}\n");
        var end = await GatewayCommand.RunAsync("import", file, "--Grid:Data", _folder.Path);
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("No line was taken: all 2 were refused.", end.Error);
        Assert.Contains("rejected 2", end.Output);
    }

    [Fact]
    public async Task A_file_in_the_encoding_of_an_old_registry_is_read_by_its_name()
    {
        var gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!;
        var file = Path.Combine(_folder.Path, "registry.csv");
        await File.WriteAllBytesAsync(file, gb18030.GetBytes("idNumber,name,phone,district\r\n11010519491231002X,㑇𠮷,13812345678,雁塔区\r\n"));

        var wrong = await GatewayCommand.RunAsync("import", file, "--Grid:Data", _folder.Path);
        Assert.Equal((1, "line 2 line-invalid"), (wrong.ExitCode, wrong.Output.TrimEnd().Split('\n')[^1]));
        var right = await GatewayCommand.RunAsync("import", file, "--charset", "GB18030", "--Grid:Data", _folder.Path);
        Assert.True(right.ExitCode == 0, right.Error);
        Assert.StartsWith("accepted 1\n", right.Output);
    }

    private static ReadOnlyMemory<byte> Line(string text) => Encoding.UTF8.GetBytes(text);
}
