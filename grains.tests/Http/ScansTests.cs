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
        var outcome = answer.Value;
        Assert.Equal((scanId, true, "green"), (outcome.ScanId, outcome.Admit, outcome.Colour));
        Assert.Empty(outcome.Reasons);
        Assert.Equal(("张*", "none"), (outcome.Name, outcome.Test!.State));
        Assert.EndsWith("Z", answer.Json.GetProperty("recordedAt").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(resident.Id.ToString(), answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_names_every_reason()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(
            new
            {
                maxTestAgeHours = 48,
                minDoses = 2,
                admitColours = new[] { "yellow" },
            }
        );

        var outcome = (await ScanAsync(venueId, Guid.NewGuid().ToString(), await grid.CodeAsync(resident))).Value;

        Assert.False(outcome.Admit);
        Assert.Equal(["colour", "test-missing", "doses"], outcome.Reasons);
    }

    [Fact]
    public async Task A_repeated_scan_is_answered_with_the_first_outcome()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { minDoses = 1 });
        var (scanId, code) = (Guid.NewGuid().ToString(), await grid.CodeAsync(resident));
        var first = await ScanAsync(venueId, scanId, code);

        var dose = new
        {
            recordId = $"r-{Guid.NewGuid():N}",
            residentId = resident.Id,
            product = "CoronaVac",
            dose = 1,
            at = "2021-06-01T08:00:00Z",
        };
        Assert.Equal(HttpStatusCode.Created, (await grid.Client.VaccinateAsync(dose)).Status);

        Assert.Equal(first.Text, (await ScanAsync(venueId, scanId, code)).Text);
        Assert.True((await ScanAsync(venueId, Guid.NewGuid().ToString(), code)).Value.Admit);
        (await ScanAsync(venueId, scanId, await grid.CodeAsync(resident))).Refused(409, "scan-conflict");
    }

    [Theory]
    [InlineData("s-1")]
    [InlineData("0198f000-0000-7000-8000-000000000001")]
    public async Task Two_venues_may_use_the_same_scan_id(string scanId)
    {
        var code = await grid.CodeAsync(await grid.RegisterAsync());
        var (one, two) = (await grid.VenueAsync(new { minDoses = 0 }), await grid.VenueAsync(new { minDoses = 1 }));

        Assert.True((await ScanAsync(one, scanId, code)).Value.Admit);
        Assert.False((await ScanAsync(two, scanId, code)).Value.Admit);
        Assert.True((await ScanAsync(one, scanId, code)).Value.Admit);
    }

    [Fact]
    public async Task A_device_cannot_replay_the_check_in_of_a_phone()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { minDoses = 0 });
        await grid.Client.CheckInAsync(resident.Token, "c-1", venueId);

        var answer = await ScanAsync(venueId, $"ci-{StableId.Of($"{resident.Id:N}|c-1"):N}", "");

        Assert.Equal(["token-invalid"], answer.Value.Reasons);
        Assert.Null(answer.Value.Name);
    }

    [Theory]
    [InlineData("\"token\":\"x\",\"scanId\":\"\\ud800\"")]
    [InlineData("\"token\":\"x\",\"scanId\":\"s\",\"\\ud800\":1")]
    [InlineData("\"scanId\":\"s\",\"token\":\"\\udc00\"")]
    public async Task Text_that_is_not_Unicode_is_invalid_JSON(string fields)
    {
        var device = grid.Token(Role.Device, "v");
        var scan = $$"""{"venueId":"v",{{fields}}}""";

        (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans", device, scan)).Refused(400, "json-invalid");
        var batch = await grid.CallTextAsync(HttpMethod.Post, "/v1/scans/batch", device, $"[{scan}]");
        Assert.Equal("json-invalid", Assert.Single(batch.As<ScanEntryReply[]>().Value).Code);
    }

    [Fact]
    public async Task A_bad_entry_of_a_batch_is_named_by_its_scan_id()
    {
        var answer = await grid.CallTextAsync(
            HttpMethod.Post,
            "/v1/scans/batch",
            grid.Token(Role.Device, "v"),
            """[{"venueId":"v","scanId":"s-1"},{"scanId":"a b"},7,{"scanId":7}]"""
        );

        Assert.Equal(
            [("s-1", "field-missing"), (null, "field-invalid"), (null, "json-invalid"), (null, "field-invalid")],
            answer.As<ScanEntryReply[]>().Value.Select(static entry => (entry.ScanId, entry.Code!))
        );
    }

    [Fact]
    public async Task Scanning_an_invalid_code_is_recorded_as_an_outcome()
    {
        var venueId = await grid.VenueAsync(new { });
        var scanId = Guid.NewGuid().ToString();
        var outcome = (await ScanAsync(venueId, scanId, "HK1:NONSENSE")).Value;

        Assert.Equal(["token-invalid"], outcome.Reasons);
        Assert.Equal(("grey", null), (outcome.Colour, outcome.Name));
        (await ScanAsync(venueId, scanId, "HK1:OTHER")).Refused(409, "scan-conflict");
    }

    [Fact]
    public async Task A_device_scans_for_its_own_venue_only()
    {
        var (own, other) = (await grid.VenueAsync(new { }), await grid.VenueAsync(new { }));
        var body = new
        {
            scanId = Guid.NewGuid(),
            venueId = other,
            token = "HK1:X",
        };

        (await grid.CallAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, own), body)).Refused(
            403,
            "venue-forbidden"
        );
        (await grid.CallAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, $"{own}/door-2"), body)).Refused(
            403,
            "venue-forbidden"
        );
        Assert.Equal(
            HttpStatusCode.OK,
            (
                await grid.CallAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, $"{other}/door-2"), body)
            ).Status
        );
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
            (
                await grid.CallTextAsync(
                    HttpMethod.Post,
                    path,
                    grid.Token(Role.Device, venueId),
                    body.Replace("VENUE", venueId)
                )
            ).Refused(status, code);
    }

    [Fact]
    public async Task Escapes_and_unknown_fields_are_read_as_JSON_defines()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { });
        var code = (await grid.CodeAsync(resident)).Replace("/", "\\/").Replace(":", "\\u003a");
        var body =
            $$"""{"more":{"token":[1,{"scanId":2}]},"token":"{{code}}","""
            + $$"""
                "venueId":"{{venueId}}","scanId":"\u0073-{{Guid.NewGuid():N}}"}
                """;

        var answer = await grid.CallTextAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, venueId), body);

        var outcome = answer.As<ScanReply>().Value;
        Assert.True(outcome.Admit);
        Assert.StartsWith("s-", outcome.ScanId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_arrives_in_pieces_is_read_whole()
    {
        var venueId = await grid.VenueAsync(new { });
        var body = new Pieces(
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    scanId = Guid.NewGuid(),
                    venueId,
                    token = "HK1:X",
                }
            )
        );

        Assert.Equal(
            HttpStatusCode.OK,
            (await grid.SendAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, venueId), body)).Status
        );
    }

    [Fact]
    public async Task An_unregistered_venue_is_unknown() =>
        (await ScanAsync($"venue-{Guid.NewGuid():N}", "s-1", "HK1:X")).Refused(404, "venue-unknown");

    [Fact]
    public async Task A_batch_answers_its_entries_in_order()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { });
        var code = await grid.CodeAsync(resident);
        var ids = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid().ToString()).ToArray();
        object[] scans =
        [
            new
            {
                scanId = ids[0],
                venueId,
                token = code,
            },
            new
            {
                scanId = ids[1],
                venueId,
                token = "HK1:X",
            },
            new
            {
                scanId = ids[2],
                venueId = "other",
                token = code,
            },
            new { venueId, token = code },
            new
            {
                scanId = ids[0],
                venueId,
                token = code,
            },
            new
            {
                scanId = ids[1],
                venueId,
                token = code,
            },
            new
            {
                scanId = ids[3],
                venueId,
                token = code,
            },
        ];

        var answer = await grid.Client.ScanBatchAsync(venueId, scans);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            ["True", "False", "venue-forbidden", "field-missing", "True", "scan-conflict", "True"],
            answer.Value.Select(static entry => entry.Code ?? $"{entry.Admit}")
        );
        var raw = answer.Json.EnumerateArray().Select(static entry => entry.GetRawText()).ToArray();
        Assert.Equal(raw[0], raw[4]);
        Assert.Equal(ids[3], answer.Value[6].ScanId);
    }

    [Fact]
    public async Task A_batch_holds_at_most_500_scans()
    {
        var venueId = await grid.VenueAsync(new { });
        var device = grid.Token(Role.Device, venueId);
        object Scan(int i) =>
            new
            {
                scanId = $"{Guid.NewGuid():N}-{i}",
                venueId,
                token = "HK1:X",
            };
        Task<Answer<ScanEntryReply[]>> Send(int count) =>
            grid.Client.ScanBatchAsync(venueId, Enumerable.Range(0, count).Select(Scan).ToArray());

        Assert.Equal(500, (await Send(500)).Value.Length);
        (await Send(501)).Refused(400, "batch-too-large");
        Assert.Equal("[]", (await Send(0)).Text);
        (await grid.CallAsync(HttpMethod.Post, "/v1/scans/batch", device, new { })).Refused(400, "json-invalid");
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans/batch", device, "[{}")).Refused(400, "json-invalid");
    }

    [Fact]
    public async Task A_check_in_is_a_scan_by_the_phone_itself()
    {
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        var venueId = await grid.VenueAsync(new { });

        var first = await grid.Client.CheckInAsync(one.Token, "same-id", venueId);
        var again = await grid.Client.CheckInAsync(one.Token, "same-id", venueId);
        Assert.Equal(("same-id", true), (first.Value.ScanId, first.Value.Admit));
        Assert.Equal(first.Text, again.Text);

        // Phones choose their ids: equal ids of two residents don't collide.
        Assert.Equal(HttpStatusCode.OK, (await grid.Client.CheckInAsync(two.Token, "same-id", venueId)).Status);
        (await grid.Client.CheckInAsync(one.Token, "same-id", await grid.VenueAsync(new { }))).Refused(
            409,
            "scan-conflict"
        );
        (await grid.Client.CheckInAsync(one.Token, "c", "nowhere")).Refused(404, "venue-unknown");
    }

    [Theory]
    [InlineData("""{"name":"x","policy":{"maxTestAgeHours":0}}""", "field-invalid")]
    [InlineData("""{"name":"x","policy":{"minDoses":99}}""", "field-invalid")]
    [InlineData("""{"name":"x","policy":{"admitColours":["blue"]}}""", "field-invalid")]
    [InlineData("""{"name":"x"}""", "field-missing")]
    [InlineData("""{"policy":{}}""", "field-missing")]
    [InlineData("""{"name":"x","district":"1","policy":{}}""", "district-unknown")]
    [InlineData("""{"name":"x","policy":{"minDoses":"many"}}""", "json-invalid")]
    public async Task A_bad_venue_is_refused(string body, string code) =>
        (
            await grid.CallTextAsync(HttpMethod.Put, "/v1/venues/venue-x", grid.Token(Role.Admin, "admin-1"), body)
        ).Refused(400, code);

    private Task<Answer<ScanReply>> ScanAsync(string venueId, string scanId, string token) =>
        grid.Client.ScanAsync(venueId, scanId, token);

    /// <summary>Sends one byte at a time, as a slow link does.</summary>
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
