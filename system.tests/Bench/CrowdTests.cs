using System.Text;
using System.Text.Json;
using Grid.Bench.Load.Anonymous;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;
using Grid.Residents;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Bench;

/// <summary>The measurement of displays beside callers without a token.</summary>
public sealed class CrowdTests(GridHost grid) : IClassFixture<GridHost>
{
    [Fact]
    public async Task Each_request_names_another_person_and_is_well_formed()
    {
        var source = new AnonymousSource(grid.Http.BaseAddress!.Authority);
        var people = new HashSet<string>();
        for (var turn = 0; turn < 4; turn++)
        {
            var request = new RequestBuffer();
            Assert.True(source.TryNext(request, out var tag));
            Assert.Equal(RequestKind.SignIn, tag.Kind);
            var text = Encoding.ASCII.GetString(request.Written);
            var body = text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
            using var json = JsonDocument.Parse(body);
            var idNumber = json.RootElement.GetProperty("idNumber").GetString()!;
            Assert.Equal(IdNumberOutcome.Valid, IdNumber.Parse(idNumber, CivilDay.Today(TimeProvider.System), out _));
            people.Add(idNumber);
            var answer = await grid.CallTextAsync(HttpMethod.Post, text.Split(' ')[1], null, body);
            Assert.Equal(turn % 2 == 0 ? 202 : 401, (int)answer.Status);
            Assert.Equal(Verdict.Done, source.Judge(tag, new Response((int)answer.Status, default, true, 0, 0)));
        }
        Assert.Equal(2, people.Count);
    }

    [Fact]
    public async Task The_command_measures_a_running_gateway_and_reports_the_load_beside_the_displays()
    {
        var residents = Path.Combine(grid.Data, "residents.csv");
        await File.WriteAllLinesAsync(
            residents,
            [
                .. (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => grid.RegisterAsync()))).Select(each =>
                    $"{each.Id}"
                ),
            ]
        );
        var file = Path.Combine(grid.Data, "crowd.md");
        var options = CrowdOptions.Parse([
            "--url",
            grid.Http.BaseAddress!.AbsoluteUri,
            "--data",
            grid.Data,
            "--residents-file",
            residents,
            "--residents",
            "4",
            "--anonymous",
            "0,6",
            "--sources",
            "3",
            "--rounds",
            "1",
            "--duration",
            "1s",
            "--settle",
            "0",
            "--warmup",
            "0",
            "--connections",
            "4",
            "--markdown",
            file,
            "--quiet",
        ]);
        Assert.Equal(0, await CrowdCommand.RunAsync(options, "crowd", CancellationToken.None));

        var rows = (await File.ReadAllLinesAsync(file))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Skip(1)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToArray();
        Assert.Equal(["0 × sign-in", "6 × sign-in", "1 × /openapi/v1.json"], rows.Select(row => row[1]));
        Assert.All(rows, row =>
            Assert.True(Number(row[2]) > 0 && row[5] == "0" && row[6] == "0", string.Join('|', row))
        );
        Assert.Equal("0", rows[0][8]);
        Assert.All(rows[1..], row => Assert.True(Number(row[8]) > 0, string.Join('|', row)));
    }

    [Theory]
    [InlineData("--anonymous", "many")]
    [InlineData("--anonymous", "-1")]
    [InlineData("--url", "http://127.0.0.1:1")]
    [InlineData("--sources", "0")]
    public void A_wrong_option_is_named(string option, string value) =>
        Assert.Contains(
            option[2..],
            Assert.Throws<LoadException>(() => CrowdOptions.Parse([option, value])).Message,
            StringComparison.Ordinal
        );

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
