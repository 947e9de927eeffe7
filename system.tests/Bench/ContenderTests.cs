using System.Net;
using System.Text.Json.Nodes;
using Grid.Bench.Load.Comparing;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Stage;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Bench;

/// <summary>A comparison is fair only when every contender gives the same answers.</summary>
public sealed class ContenderTests : IDisposable
{
    private const int Residents = 200;

    private static readonly string[] Rows = [Contender.Grid, Contender.Redis, Contender.Postgres];

    // A folder that other users may enter: PostgreSQL runs as a user of its own.
    private readonly string _folder = Directory
        .CreateDirectory(Path.Combine(Path.GetTempPath(), $"grid-contenders-{Guid.NewGuid():N}"))
        .FullName;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    [RedisFact]
    public async Task Baselines_give_the_same_displays_and_records_as_the_grid()
    {
        var options = CompareOptions.Parse([
            "--contenders",
            string.Join(',', [.. Rows, Contender.Orleans]),
            "--residents",
            $"{Residents}",
        ]);
        await using var lineup = await Lineup.StartAsync(options, _folder, null, CancellationToken.None);
        var plan = new LoadPlan { Server = new IPEndPoint(IPAddress.Loopback, 0) };
        // Opens the venues, and displays a code of each resident at each contender.
        var scans = (await lineup.PrepareAsync("scan", plan, CancellationToken.None)).ToDictionary(contender =>
            contender.Name
        );
        var city = options.Stage with { DataFolder = Path.Combine(_folder, "city") };
        var ids = ResidentList.Read(ResidentList.FileOf(city), Residents);
        var tokens = await new TokenMint(city).ManyAsync("resident", ids, CancellationToken.None);
        var door = await new TokenMint(city).OneAsync("device", "load-1/door", CancellationToken.None);

        var colours = new HashSet<string>();
        foreach (var token in tokens.Take(50))
        {
            var shown = await ShowAsync(scans[Contender.Grid].Port, token);
            foreach (var row in Rows[1..])
                Assert.Equal(Comparable(shown), Comparable(await ShowAsync(scans[row].Port, token)));
            var scan = Scan(Guid.CreateVersion7(), shown["token"]!.GetValue<string>());
            var first = await ScanAsync(scans[Contender.Grid].Port, door, scan, HttpStatusCode.OK);
            foreach (var row in Rows[1..])
            {
                // The baseline reads a code of the grid with the same keys.
                var recorded = await ScanAsync(scans[row].Port, door, scan, HttpStatusCode.OK);
                Assert.Equal(Comparable(JsonNode.Parse(first)!), Comparable(JsonNode.Parse(recorded)!));
                Assert.Equal(recorded, await ScanAsync(scans[row].Port, door, scan, HttpStatusCode.OK));
                var other = Scan(scan["scanId"]!.GetValue<Guid>(), "HK1:ANOTHER");
                await ScanAsync(scans[row].Port, door, other, HttpStatusCode.Conflict);
            }
            colours.Add(shown["colour"]!.GetValue<string>());
        }

        Assert.Contains("green", colours);
        foreach (var row in Rows[1..])
        {
            using var refused = await _http.GetAsync($"http://127.0.0.1:{scans[row].Port}/v1/me/code");
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        var displays = await lineup.PrepareAsync("display", plan, CancellationToken.None);
        var bare = displays.Single(contender => contender.Name == Contender.Orleans);
        var answer = JsonNode.Parse(await _http.GetStringAsync($"http://127.0.0.1:{bare.Port}/bare/{ids[0]}"))!;
        var full = await ShowAsync(scans[Contender.Grid].Port, tokens[0]);
        Assert.Equal(full.AsObject().Select(field => field.Key), answer.AsObject().Select(field => field.Key));
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<JsonNode> ShowAsync(int port, string token)
    {
        var answer = await _http.CallAsync(HttpMethod.Get, $"http://127.0.0.1:{port}/v1/me/code", token);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return JsonNode.Parse(answer.Text)!;
    }

    private async Task<string> ScanAsync(int port, string token, JsonObject scan, HttpStatusCode expected)
    {
        var answer = await _http.CallAsync(HttpMethod.Post, $"http://127.0.0.1:{port}/v1/scans", token, scan);
        Assert.True(answer.Status == expected, $"{answer.Status}: {answer.Text}");
        return answer.Text;
    }

    private static JsonObject Scan(Guid id, string code) =>
        new()
        {
            ["scanId"] = id,
            ["venueId"] = "load-1",
            ["token"] = code,
        };

    // Drops the fields that depend on time or chance.
    private static string Comparable(JsonNode answer)
    {
        var copy = answer.DeepClone().AsObject();
        foreach (var field in (string[])["asOf", "validUntil", "refreshAfterSeconds", "token", "recordedAt"])
            copy.Remove(field);
        copy["test"]!.AsObject().Remove("ageHours");
        return copy.ToJsonString();
    }
}
