using System.Text;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Residents;

/// <summary>The command <c>import</c> as a process, over registry files.</summary>
public sealed class RegistryImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_is_imported_line_by_line_and_no_personal_data_is_printed(bool csv)
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
            :
            [
                "not json",
                .. people.Select(p =>
                    $"{{\"idNumber\":\"{p.Id}\",\"name\":\"{p.Name}\","
                    + $"\"phone\":\"{p.Phone}\",\"district\":\"{p.District}\"}}"
                ),
            ];
        await File.WriteAllLinesAsync(file, lines);

        var end = await GatewayCommand.RunAsync("import", file, "--Grid:Data", _folder.Path);
        Assert.True(end.ExitCode == 0, end.Error);
        string[] expected = csv
            ?
            [
                "accepted 2",
                "duplicates 1",
                "conflicts 0",
                "rejected 2",
                "line 4 id-number-invalid",
                "line 5 phone-invalid",
            ]
            :
            [
                "accepted 2",
                "duplicates 1",
                "conflicts 0",
                "rejected 3",
                "line 1 json-invalid",
                "line 4 id-number-invalid",
                "line 5 phone-invalid",
            ];
        Assert.Equal(expected, end.Output.TrimEnd().Split('\n'));
        Assert.All(people, p => Assert.DoesNotContain(p.Id, end.Output + end.Error));
        Assert.All(people, p => Assert.DoesNotContain(p.Name, end.Output + end.Error));
    }

    [Fact]
    public async Task A_file_without_its_header_is_refused_as_a_whole()
    {
        var file = Path.Combine(_folder.Path, "registry.csv");
        await File.WriteAllTextAsync(file, "11010519491231002X,张三丰,13812345678,610113\n");
        var end = await GatewayCommand.RunAsync("import", file, "--Grid:Data", _folder.Path);
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("idNumber is missing", end.Error);
        Assert.DoesNotContain("张三丰", end.Error);

        var none = await GatewayCommand.RunAsync(
            "import",
            Path.Combine(_folder.Path, "none.csv"),
            "--Grid:Data",
            _folder.Path
        );
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
        await File.WriteAllBytesAsync(
            file,
            gb18030.GetBytes("idNumber,name,phone,district\r\n11010519491231002X,㑇𠮷,13812345678,雁塔区\r\n")
        );

        var wrong = await GatewayCommand.RunAsync("import", file, "--Grid:Data", _folder.Path);
        Assert.Equal((1, "line 2 line-invalid"), (wrong.ExitCode, wrong.Output.TrimEnd().Split('\n')[^1]));
        var right = await GatewayCommand.RunAsync("import", file, "--charset", "GB18030", "--Grid:Data", _folder.Path);
        Assert.True(right.ExitCode == 0, right.Error);
        Assert.StartsWith("accepted 1\n", right.Output);
    }
}
