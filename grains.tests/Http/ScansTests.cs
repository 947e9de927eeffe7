using System.Net;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class ScansTests(GridHost grid) : IClassFixture<GridHost>
{
    [Fact]
    public async Task A_green_code_is_admitted_and_the_answer_is_the_row()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { minDoses = 0 });
        var scanId = Guid.NewGuid().ToString();

        var answer = await ScanAsync(venueId, scanId, await grid.CodeAsync(resident));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var outcome = answer.Json;
        Assert.Equal(scanId, outcome.GetProperty("scanId").GetString());
        Assert.True(outcome.GetProperty("admit").GetBoolean());
        Assert.Equal("green", outcome.GetProperty("colour").GetString());
        Assert.Empty(outcome.GetProperty("reasons").EnumerateArray());
        Assert.Equal("张*", outcome.GetProperty("name").GetString());
        Assert.Equal("none", outcome.GetProperty("test").GetProperty("state").GetString());
        Assert.EndsWith("Z", outcome.GetProperty("recordedAt").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(resident.Id.ToString(), answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_names_every_reason()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { maxTestAgeHours = 48, minDoses = 2, admitColours = new[] { "yellow" } });

        var outcome = (await ScanAsync(venueId, Guid.NewGuid().ToString(), await grid.CodeAsync(resident))).Json;

        Assert.False(outcome.GetProperty("admit").GetBoolean());
        Assert.Equal(["colour", "test-missing", "doses"], Reasons(outcome));
    }

    [Fact]
    public async Task A_repeated_scan_is_answered_with_the_first_outcome()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { minDoses = 1 });
        var (scanId, code) = (Guid.NewGuid().ToString(), await grid.CodeAsync(resident));
        var first = await ScanAsync(venueId, scanId, code);

        await grid.CallAsync(
            HttpMethod.Post, "/v1/vaccinations", grid.Token(Role.Clinic, "clinic-1"),
            new { recordId = $"r-{Guid.NewGuid():N}", residentId = resident.Id, product = "CoronaVac", dose = 1, at = "2021-06-01T08:00:00Z" });

        Assert.Equal(first.Text, (await ScanAsync(venueId, scanId, code)).Text);
        Assert.True((await ScanAsync(venueId, Guid.NewGuid().ToString(), code)).Json.GetProperty("admit").GetBoolean());
        (await ScanAsync(venueId, scanId, await grid.CodeAsync(resident))).Refused(409, "scan-conflict");
    }

    [Theory]
    [InlineData("s-1")]
    [InlineData("0198f000-0000-7000-8000-000000000001")]
    public async Task Two_venues_may_use_the_same_scan_id(string scanId)
    {
        var code = await grid.CodeAsync(await grid.RegisterAsync());
        var (one, two) = (await grid.VenueAsync(new { minDoses = 0 }), await grid.VenueAsync(new { minDoses = 1 }));

        Assert.True((await ScanAsync(one, scanId, code)).Json.GetProperty("admit").GetBoolean());
        Assert.False((await ScanAsync(two, scanId, code)).Json.GetProperty("admit").GetBoolean());
        Assert.True((await ScanAsync(one, scanId, code)).Json.GetProperty("admit").GetBoolean());
    }

    [Fact]
    public async Task A_device_cannot_replay_the_check_in_of_a_phone()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { minDoses = 0 });
        await grid.CallAsync(HttpMethod.Post, "/v1/check-ins", resident.Token, new { checkInId = "c-1", venueCode = venueId });

        var answer = await ScanAsync(venueId, $"ci-{StableId.Of($"{resident.Id:N}|c-1"):N}", "");

        Assert.Equal(["token-invalid"], Reasons(answer.Json));
        Assert.Null(answer.Json.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("\"token\":\"x\",\"scanId\":\"\\ud800\"")]
    [InlineData("\"token\":\"x\",\"scanId\":\"s\",\"\\ud800\":1")]
    [InlineData("\"scanId\":\"s\",\"token\":\"\\udc00\"")]
    public async Task A_text_that_is_not_unicode_is_no_json(string fields)
    {
        var device = grid.Token(Role.Device, "v");
        var scan = $$"""{"venueId":"v",{{fields}}}""";

        (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans", device, scan)).Refused(400, "json-invalid");
        var entry = Assert.Single((await grid.CallTextAsync(HttpMethod.Post, "/v1/scans/batch", device, $"[{scan}]")).Json.EnumerateArray());
        Assert.Equal("json-invalid", entry.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_bad_entry_of_a_batch_is_named_by_its_scan_id()
    {
        var answer = await grid.CallTextAsync(
            HttpMethod.Post, "/v1/scans/batch", grid.Token(Role.Device, "v"), """[{"venueId":"v","scanId":"s-1"},{"scanId":"a b"},7,{"scanId":7}]""");

        Assert.Equal(
            [("s-1", "field-missing"), (null, "field-invalid"), (null, "json-invalid"), (null, "field-invalid")],
            answer.Json.EnumerateArray().Select(entry => (entry.GetProperty("scanId").GetString(), entry.GetProperty("code").GetString()!)));
    }

    [Fact]
    public async Task What_is_no_code_is_an_outcome_and_is_recorded()
    {
        var venueId = await grid.VenueAsync(new { });
        var scanId = Guid.NewGuid().ToString();
        var outcome = (await ScanAsync(venueId, scanId, "HK1:NONSENSE")).Json;

        Assert.Equal(["token-invalid"], Reasons(outcome));
        Assert.Equal("grey", outcome.GetProperty("colour").GetString());
        Assert.Equal(JsonValueKind.Null, outcome.GetProperty("name").ValueKind);
        (await ScanAsync(venueId, scanId, "HK1:OTHER")).Refused(409, "scan-conflict");
    }

    [Fact]
    public async Task A_device_scans_for_its_own_venue_only()
    {
        var (own, other) = (await grid.VenueAsync(new { }), await grid.VenueAsync(new { }));
        var body = new { scanId = Guid.NewGuid(), venueId = other, token = "HK1:X" };

        (await grid.CallAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, own), body)).Refused(403, "venue-forbidden");
        (await grid.CallAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, $"{own}/door-2"), body)).Refused(403, "venue-forbidden");
        Assert.Equal(HttpStatusCode.OK, (await grid.CallAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, $"{other}/door-2"), body)).Status);
    }

    [Theory]
    [InlineData("{}", 400, "field-missing")]
    [InlineData("""{"scanId":"s","venueId":"VENUE"}""", 400, "field-missing")]
    [InlineData("""{"scanId":"","venueId":"VENUE","token":"x"}""", 400, "field-missing")]
    [InlineData("""{"scanId":"a b","venueId":"VENUE","token":"x"}""", 400, "field-invalid")]
    [InlineData("""{"scanId":"钟","venueId":"VENUE","token":"x"}""", 400, "field-invalid")]
    [InlineData("""{"scanId":7,"venueId":"VENUE","token":"x"}""", 400, "field-invalid")]
    [InlineData("""{"scanId":"s","venueId":"VENUE","token":"x"}{}""", 400, "json-invalid")]
    [InlineData("""{"scanId":"s","venueId":"VENUE","token":"x" """, 400, "json-invalid")]
    [InlineData("[]", 400, "json-invalid")]
    [InlineData("", 400, "json-invalid")]
    public async Task A_malformed_scan_is_refused(string body, int status, string code)
    {
        var venueId = await grid.VenueAsync(new { });
        foreach (var path in new[] { "/v1/scans", "/v1/scans/" })
            (await grid.CallTextAsync(HttpMethod.Post, path, grid.Token(Role.Device, venueId), body.Replace("VENUE", venueId))).Refused(status, code);
    }

    [Fact]
    public async Task Escapes_and_unknown_fields_are_read_as_json_says()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { });
        var code = (await grid.CodeAsync(resident)).Replace("/", "\\/").Replace(":", "\\u003a");
        var body = $$"""{"more":{"token":[1,{"scanId":2}]},"token":"{{code}}","venueId":"{{venueId}}","scanId":"\u0073-{{Guid.NewGuid():N}}"}""";

        var answer = await grid.CallTextAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, venueId), body);

        Assert.True(answer.Json.GetProperty("admit").GetBoolean());
        Assert.StartsWith("s-", answer.Json.GetProperty("scanId").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_comes_in_pieces_is_read_whole()
    {
        var venueId = await grid.VenueAsync(new { });
        var body = new Pieces(JsonSerializer.SerializeToUtf8Bytes(new { scanId = Guid.NewGuid(), venueId, token = "HK1:X" }));

        Assert.Equal(HttpStatusCode.OK, (await grid.SendAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, venueId), body)).Status);
    }

    [Fact]
    public async Task A_venue_nobody_registered_is_unknown()
        => (await ScanAsync($"venue-{Guid.NewGuid():N}", "s-1", "HK1:X")).Refused(404, "venue-unknown");

    [Fact]
    public async Task A_batch_answers_each_in_its_place()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { });
        var code = await grid.CodeAsync(resident);
        var ids = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid().ToString()).ToArray();
        object[] scans =
        [
            new { scanId = ids[0], venueId, token = code },
            new { scanId = ids[1], venueId, token = "HK1:X" },
            new { scanId = ids[2], venueId = "other", token = code },
            new { venueId, token = code },
            new { scanId = ids[0], venueId, token = code },
            new { scanId = ids[1], venueId, token = code },
            new { scanId = ids[3], venueId, token = code },
        ];

        var answer = await grid.CallAsync(HttpMethod.Post, "/v1/scans/batch", grid.Token(Role.Device, venueId), scans);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var outcomes = answer.Json.EnumerateArray().ToArray();
        Assert.Equal(
            ["True", "False", "venue-forbidden", "field-missing", "True", "scan-conflict", "True"],
            outcomes.Select(outcome => outcome.TryGetProperty("code", out var error) ? error.GetString()! : outcome.GetProperty("admit").GetBoolean().ToString()));
        Assert.Equal(outcomes[0].GetRawText(), outcomes[4].GetRawText());
        Assert.Equal(ids[3], outcomes[6].GetProperty("scanId").GetString());
    }

    [Fact]
    public async Task A_batch_has_up_to_five_hundred()
    {
        var venueId = await grid.VenueAsync(new { });
        var device = grid.Token(Role.Device, venueId);
        object Scan(int i) => new { scanId = $"{Guid.NewGuid():N}-{i}", venueId, token = "HK1:X" };

        var full = await grid.CallAsync(HttpMethod.Post, "/v1/scans/batch", device, Enumerable.Range(0, 500).Select(Scan));
        Assert.Equal(500, full.Json.GetArrayLength());
        (await grid.CallAsync(HttpMethod.Post, "/v1/scans/batch", device, Enumerable.Range(0, 501).Select(Scan))).Refused(400, "batch-too-large");
        Assert.Equal("[]", (await grid.CallAsync(HttpMethod.Post, "/v1/scans/batch", device, Array.Empty<object>())).Text);
        (await grid.CallAsync(HttpMethod.Post, "/v1/scans/batch", device, new { })).Refused(400, "json-invalid");
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans/batch", device, "[{}")).Refused(400, "json-invalid");
    }

    [Fact]
    public async Task A_check_in_is_a_scan_by_the_phone_itself()
    {
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        var venueId = await grid.VenueAsync(new { });
        var body = new { checkInId = "same-id", venueCode = venueId };

        var first = await grid.CallAsync(HttpMethod.Post, "/v1/check-ins", one.Token, body);
        var again = await grid.CallAsync(HttpMethod.Post, "/v1/check-ins", one.Token, body);
        Assert.Equal("same-id", first.Json.GetProperty("scanId").GetString());
        Assert.True(first.Json.GetProperty("admit").GetBoolean());
        Assert.Equal(first.Text, again.Text);

        // Phones choose their ids: two that choose the same don't meet.
        Assert.Equal(HttpStatusCode.OK, (await grid.CallAsync(HttpMethod.Post, "/v1/check-ins", two.Token, body)).Status);
        (await grid.CallAsync(HttpMethod.Post, "/v1/check-ins", one.Token, new { checkInId = "same-id", venueCode = await grid.VenueAsync(new { }) }))
            .Refused(409, "scan-conflict");
        (await grid.CallAsync(HttpMethod.Post, "/v1/check-ins", one.Token, new { checkInId = "c", venueCode = "nowhere" })).Refused(404, "venue-unknown");
    }

    [Theory]
    [InlineData("""{"name":"x","policy":{"maxTestAgeHours":0}}""", "field-invalid")]
    [InlineData("""{"name":"x","policy":{"minDoses":99}}""", "field-invalid")]
    [InlineData("""{"name":"x","policy":{"admitColours":["blue"]}}""", "field-invalid")]
    [InlineData("""{"name":"x"}""", "field-missing")]
    [InlineData("""{"policy":{}}""", "field-missing")]
    [InlineData("""{"name":"x","district":"1","policy":{}}""", "district-unknown")]
    [InlineData("""{"name":"x","policy":{"minDoses":"many"}}""", "json-invalid")]
    public async Task A_bad_venue_is_refused(string body, string code)
        => (await grid.CallTextAsync(HttpMethod.Put, "/v1/venues/venue-x", grid.Token(Role.Admin, "admin-1"), body)).Refused(400, code);

    private Task<Answer> ScanAsync(string venueId, string scanId, string token)
        => grid.CallAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, $"{venueId}/door-1"), new { scanId, venueId, token });

    private static IEnumerable<string?> Reasons(JsonElement outcome) => outcome.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString());

    /// <summary>Sends each byte by itself, as a slow link would.</summary>
    private sealed class Pieces : HttpContent
    {
        private readonly byte[] _bytes;

        internal Pieces(byte[] bytes)
        {
            _bytes = bytes;
            Headers.ContentType = new("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var b in _bytes)
            {
                stream.WriteByte(b);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _bytes.Length;
            return true;
        }
    }
}
