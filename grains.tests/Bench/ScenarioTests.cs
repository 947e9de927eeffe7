using System.Text;
using System.Text.Json;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;
using Grid.Bench.Load.Stage;

namespace Grid.Tests.Bench;

public sealed class ScenarioTests
{
    [Fact]
    public void Scan_ids_are_version_7_distinct_and_begin_with_the_time()
    {
        var ids = new ScanIds(seed: 3);
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var made = Enumerable.Range(0, 50_000).Select(_ => ids.Next()).ToList();
        var after = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

        Assert.Equal(made.Count, made.Distinct().Count());
        Assert.All(made, id =>
        {
            Assert.Equal(7, id.Version);
            Assert.Equal(8, id.Variant & 0xC);
            Assert.InRange(Convert.ToInt64(id.ToString("N")[..12], 16), before, after);
        });
    }

    [Fact]
    public void A_batch_is_a_json_array_of_scans_of_one_venue_with_its_devices_token()
    {
        var codes = new CodePool(3);
        for (var i = 0; i < codes.Count; i++)
            codes.Set(i, Encoding.ASCII.GetBytes($"HK1:CODE {i}/+"));
        var source = new ScanSource(new DeviceRequests("h:1", ["v-1", "v-2"], ["T1", "T2"]), codes, batch: 7, seed: 1);
        var request = new RequestBuffer();

        Assert.True(source.TryNext(request, out var tag));

        Assert.Equal(new RequestTag(RequestKind.ScanBatch, 7), tag);
        var text = Encoding.ASCII.GetString(request.Written);
        var body = text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.Contains($"Content-Length: {body.Length:0000000}\r\n", text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(body);
        var venues = json
            .RootElement.EnumerateArray()
            .Select(scan => scan.GetProperty("venueId").GetString())
            .Distinct()
            .Single();
        Assert.Contains(venues == "v-1" ? "Bearer T1\r\n" : "Bearer T2\r\n", text, StringComparison.Ordinal);
        Assert.Equal(
            7,
            json.RootElement.EnumerateArray().Select(scan => scan.GetProperty("scanId").GetGuid()).Distinct().Count()
        );
        Assert.All(json.RootElement.EnumerateArray(), scan =>
            Assert.StartsWith("HK1:CODE", scan.GetProperty("token").GetString(), StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(200, """{"scanId":"x","admit":false,"colour":"red","reasons":["colour"],"recordedAt":"t"}""", 0)]
    [InlineData(
        200,
        """{"scanId":"x","admit":false,"colour":"grey","reasons":["token-expired"],"recordedAt":"t"}""",
        2
    )]
    [InlineData(200, "{}", 2)]
    [InlineData(409, """{"code":"scan-conflict"}""", 2)]
    [InlineData(503, "", 1)]
    public void A_refused_person_is_an_outcome_and_a_stale_code_is_an_error(int status, string body, int verdict)
    {
        var source = new ScanSource(new DeviceRequests("h", ["v"], ["T"]), new CodePool(1), batch: 0, seed: 1);

        var judged = source.Judge(
            new RequestTag(RequestKind.Scan),
            new Response(status, Encoding.UTF8.GetBytes(body), true, 1)
        );

        Assert.Equal((Verdict)verdict, judged);
    }

    [Fact]
    public void Every_tube_is_reported_once_by_all_workers_together()
    {
        var stock = new TubeStock("r", count: 10, size: 20, TimeProvider.System.GetUtcNow());
        var ids = new List<string>();
        for (var worker = 0; worker < 3; worker++)
        {
            var source = new ResultSource("h", "T", stock, worker, step: 3);
            for (var request = new RequestBuffer(); source.TryNext(request, out var tag); request.Clear())
            {
                Assert.Equal(20, tag.Units);
                var text = Encoding.ASCII.GetString(request.Written);
                using var json = JsonDocument.Parse(text[text.IndexOf('{')..]);
                ids.Add(json.RootElement.GetProperty("tubeId").GetString()!);
            }
        }

        Assert.Equal(10, ids.Count);
        Assert.Equal(10, ids.Distinct().Count());
    }

    [Fact]
    public void Tubes_share_the_residents_evenly_without_repeating_one()
    {
        string[] residents = [.. Enumerable.Range(0, 30).Select(_ => Guid.NewGuid().ToString())];
        var stock = new TubeStock("r", count: 6, size: 20, TimeProvider.System.GetUtcNow());

        var tubes = stock.ImportLines(residents).Select(line => JsonDocument.Parse(line).RootElement).ToList();

        var members = tubes.ConvertAll(t =>
            t.GetProperty("samples").EnumerateArray().Select(s => s.GetProperty("residentId").GetString()!).ToList()
        );
        Assert.Equal(6, tubes.Count);
        Assert.All(members, m => Assert.Equal(20, m.Distinct().Count()));
        Assert.All(members.SelectMany(m => m).CountBy(id => id), pair => Assert.Equal(4, pair.Value));
    }

    [Fact]
    public void A_mix_keeps_its_weights_and_continues_without_an_exhausted_part()
    {
        var stock = new TubeStock("r", count: 50, size: 1, TimeProvider.System.GetUtcNow());
        var mix = new MixedSource(
            [
                (new GetSource("h", "/"), RequestKind.Get, 9),
                (new ResultSource("h", "T", stock, 0, 1), RequestKind.Result, 1),
            ],
            seed: 1
        );
        var kinds = new List<RequestKind>();
        for (var i = 0; i < 2000; i++)
        {
            Assert.True(mix.TryNext(new RequestBuffer(), out var tag));
            kinds.Add(tag.Kind);
        }

        Assert.Equal(50, kinds.Count(kind => kind == RequestKind.Result));
        Assert.InRange(kinds.Take(300).Count(kind => kind == RequestKind.Result), 15, 50);
    }

    [Fact]
    public void Resident_ids_are_the_first_field_of_lines_that_have_one()
    {
        var file = Path.GetTempFileName();
        try
        {
            var (one, two) = (Guid.NewGuid(), Guid.NewGuid());
            File.WriteAllText(file, $"residentId,name\n{one},张三\n\n{two}\nrubbish\n{Guid.NewGuid()};x\n");

            Assert.Equal([one.ToString(), two.ToString()], ResidentList.Read(file, atMost: 2));
            Assert.Equal(3, ResidentList.Read(file, atMost: 10).Count);
            File.WriteAllText(file, "no ids\n");
            Assert.Throws<LoadException>(() => ResidentList.Read(file, atMost: 10));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
