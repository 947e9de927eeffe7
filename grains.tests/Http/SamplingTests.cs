using System.Net;
using System.Text;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class SamplingTests(GridHost grid) : IClassFixture<GridHost>
{
    private readonly string _sampler = grid.Token(Role.Sampler, "site-1");
    private readonly string _lab = grid.Token(Role.Lab, "lab-001");

    [Fact]
    public async Task A_tube_is_opened_filled_sealed_and_resulted()
    {
        var (one, two, three) = (await grid.RegisterAsync(), await grid.RegisterAsync(), await grid.RegisterAsync());
        var tubeId = await TubeAsync(10);

        Assert.Equal("""{"count":1,"capacity":10}""", (await SampleAsync(tubeId, new { token = await grid.CodeAsync(one), collectedAt = Minutes(-90) })).Text);
        Assert.Equal("""{"count":2,"capacity":10}""", (await SampleAsync(tubeId, new { residentId = two.Id, collectedAt = Minutes(-89) })).Text);
        Assert.Equal("""{"count":3,"capacity":10}""", (await SampleAsync(tubeId, new { idNumber = three.Person.IdNumber, collectedAt = Minutes(-88) })).Text);
        Assert.Equal("sampled", (await grid.DisplayAsync(one)).GetProperty("test").GetProperty("state").GetString());

        Assert.Equal(HttpStatusCode.OK, (await grid.CallAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/seal", _sampler)).Status);
        Assert.Equal("sealed", (await TubeOfAsync(tubeId)).GetProperty("state").GetString());

        var receipt = await ResultAsync(tubeId, 1, "negative");
        Assert.Equal(HttpStatusCode.Accepted, receipt.Status);
        Assert.Equal("applied", receipt.Json.GetProperty("state").GetString());
        foreach (var resident in new[] { one, two, three })
        {
            var test = (await grid.DisplayAsync(resident)).GetProperty("test");
            Assert.Equal(("negative", "resulted", 1), (test.GetProperty("result").GetString(), test.GetProperty("state").GetString(), test.GetProperty("ageHours").GetInt32()));
        }
        var tube = await TubeOfAsync(tubeId);
        Assert.Equal(("resulted", "negative", 3), (tube.GetProperty("state").GetString(), tube.GetProperty("result").GetString(), tube.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task A_tube_registered_again_is_the_same_or_a_conflict()
    {
        var tubeId = await TubeAsync(5);

        Assert.Equal(HttpStatusCode.OK, (await grid.CallAsync(HttpMethod.Post, "/v1/tubes", _sampler, new { tubeId, capacity = 5, siteId = "site-1" })).Status);
        (await grid.CallAsync(HttpMethod.Post, "/v1/tubes", _sampler, new { tubeId, capacity = 10, siteId = "site-1" })).Refused(409, "tube-conflict");
        (await grid.CallAsync(HttpMethod.Post, "/v1/tubes", _sampler, new { tubeId = "t", capacity = 7, siteId = "s" })).Refused(400, "capacity-invalid");
        (await grid.CallAsync(HttpMethod.Post, "/v1/tubes", _sampler, new { tubeId = "a/b", capacity = 5, siteId = "s" })).Refused(400, "field-invalid");
        (await grid.CallAsync(HttpMethod.Post, "/v1/tubes", _sampler, new { capacity = 5, siteId = "s" })).Refused(400, "field-missing");
    }

    [Fact]
    public async Task A_tube_over_its_capacity_is_full()
    {
        var tubeId = await TubeAsync(1);
        Assert.Equal(HttpStatusCode.OK, (await SampleAsync(tubeId, new { residentId = (await grid.RegisterAsync()).Id, collectedAt = Minutes(-5) })).Status);

        (await SampleAsync(tubeId, new { residentId = (await grid.RegisterAsync()).Id, collectedAt = Minutes(-5) })).Refused(409, "tube-full");
        Assert.Equal(1, (await TubeOfAsync(tubeId)).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_sample_after_sealing_and_a_second_swab_are_refused()
    {
        var tubeId = await TubeAsync(5);
        var resident = await grid.RegisterAsync();
        await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-5) });
        (await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-4) })).Refused(409, "already-in-tube");

        await grid.CallAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/seal", _sampler);
        (await SampleAsync(tubeId, new { residentId = (await grid.RegisterAsync()).Id, collectedAt = Minutes(-3) })).Refused(409, "tube-sealed");
        (await grid.CallAsync(HttpMethod.Delete, $"/v1/tubes/{tubeId}/samples/{resident.Id}?reason=late", _sampler)).Refused(409, "tube-sealed");
        Assert.Equal(1, (await TubeOfAsync(tubeId)).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_repeat_under_its_key_is_told_from_a_second_swab()
    {
        var tubeId = await TubeAsync(5);
        var resident = await grid.RegisterAsync();
        var body = JsonSerializer.Serialize(new { residentId = resident.Id, collectedAt = Minutes(-5) });
        Task<Answer> Send(string key) => grid.SendAsync(
            HttpMethod.Post, $"/v1/tubes/{tubeId}/samples", _sampler, new StringContent(body, Encoding.UTF8, "application/json"), ("Idempotency-Key", key));

        var first = await Send("swab-1");
        Assert.Equal(first.Text, (await Send("swab-1")).Text);
        (await Send("swab-2")).Refused(409, "already-in-tube");
        (await Send(new string('x', 65))).Refused(400, "field-invalid");
    }

    [Fact]
    public async Task A_sample_is_taken_out_with_a_reason()
    {
        var tubeId = await TubeAsync(5);
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        foreach (var resident in new[] { one, two })
            await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-5) });
        var path = $"/v1/tubes/{tubeId}/samples/";

        (await grid.CallAsync(HttpMethod.Delete, path + one.Id, _sampler)).Refused(400, "field-missing");
        Assert.Equal("""{"count":1,"capacity":5}""", (await grid.CallAsync(HttpMethod.Delete, path + one.Id + "?reason=broken", _sampler)).Text);
        Assert.Equal("""{"count":0,"capacity":5}""", (await grid.CallAsync(HttpMethod.Delete, path + two.Id, _sampler, new { reason = "broken" })).Text);
        (await grid.CallAsync(HttpMethod.Delete, path + Guid.NewGuid() + "?reason=broken", _sampler)).Refused(404, "sample-unknown");
        Assert.Equal("none", (await grid.DisplayAsync(one)).GetProperty("test").GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_sample_names_one_known_person()
    {
        var tubeId = await TubeAsync(5);
        var resident = await grid.RegisterAsync();

        (await SampleAsync(tubeId, new { residentId = Guid.NewGuid(), collectedAt = Minutes(-5) })).Refused(404, "resident-unknown");
        (await SampleAsync(tubeId, new { idNumber = GridHost.NewPerson().IdNumber, collectedAt = Minutes(-5) })).Refused(404, "resident-unknown");
        (await SampleAsync(tubeId, new { idNumber = "610102199001010011", collectedAt = Minutes(-5) })).Refused(400, "id-number-invalid");
        (await SampleAsync(tubeId, new { token = "HK1:X", collectedAt = Minutes(-5) })).Refused(400, "code-invalid");
        (await SampleAsync(tubeId, new { collectedAt = Minutes(-5) })).Refused(400, "field-missing");
        (await SampleAsync(tubeId, new { residentId = resident.Id, idNumber = resident.Person.IdNumber, collectedAt = Minutes(-5) })).Refused(400, "field-invalid");
        (await SampleAsync(tubeId, new { residentId = resident.Id })).Refused(400, "field-missing");
        (await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(60) })).Refused(400, "field-invalid");
        (await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = "2022-01-04T09:00:00" })).Refused(400, "field-invalid");
        (await SampleAsync("no-such-tube", new { residentId = resident.Id, collectedAt = Minutes(-5) })).Refused(404, "tube-unknown");
        Assert.Equal(0, (await TubeOfAsync(tubeId)).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_result_before_its_tube_is_held_and_applied_when_the_tube_comes()
    {
        var resident = await grid.RegisterAsync();
        var tubeId = $"T-{Guid.NewGuid():N}";
        var held = await ResultAsync(tubeId, 1, "positive");
        Assert.Equal((HttpStatusCode.Accepted, "held"), (held.Status, held.Json.GetProperty("state").GetString()));
        (await grid.CallAsync(HttpMethod.Get, $"/v1/tubes/{tubeId}", _lab)).Refused(404, "tube-unknown");

        await grid.CallAsync(HttpMethod.Post, "/v1/tubes", _sampler, new { tubeId, capacity = 1, siteId = "site-1" });
        await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-90) });

        var display = await grid.DisplayAsync(resident);
        Assert.Equal("red", display.GetProperty("colour").GetString());
        var cause = Assert.Single(display.GetProperty("causes").EnumerateArray());
        Assert.Equal(
            ("positive", "red", "lab-001"),
            (cause.GetProperty("kind").GetString(), cause.GetProperty("colour").GetString(), cause.GetProperty("issuer").GetString()));
        Assert.Equal("""{"how":"two-negatives","expectedBy":null}""", cause.GetProperty("release").GetRawText());
        Assert.Equal("""{"how":"none","appealable":false}""", cause.GetProperty("contest").GetRawText());
        var history = await grid.CallAsync(HttpMethod.Get, "/v1/me/history", resident.Token);
        var past = Assert.Single(history.Json.GetProperty("causes").EnumerateArray());
        foreach (var member in cause.EnumerateObject())
            Assert.Equal(member.Value.GetRawText(), past.GetProperty(member.Name).GetRawText());
    }

    [Fact]
    public async Task A_result_again_has_the_same_receipt_and_another_content_is_a_conflict()
    {
        var tubeId = await TubeAsync(5);
        var testedAt = Minutes(-10);
        var first = await ResultAsync(tubeId, 1, "negative", testedAt);
        var again = await ResultAsync(tubeId, 1, "negative", testedAt);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (first.Status, again.Status));
        Assert.Equal(first.Json.GetProperty("receiptId").GetGuid(), again.Json.GetProperty("receiptId").GetGuid());
        (await ResultAsync(tubeId, 1, "positive", testedAt)).Refused(409, "result-conflict");
        // Another laboratory can't speak under the first one's sequence.
        var other = grid.Token(Role.Lab, "lab-002");
        (await grid.CallAsync(HttpMethod.Post, "/v1/results", other, new { tubeId, sequence = 1, method = "rt-pcr", result = "negative", testedAt }))
            .Refused(409, "result-conflict");
        Assert.Equal("negative", (await TubeOfAsync(tubeId)).GetProperty("result").GetString());
    }

    [Fact]
    public async Task A_positive_pool_holds_and_its_correction_lifts_the_hold()
    {
        var resident = await grid.RegisterAsync();
        var tubeId = await TubeAsync(10);
        await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-90) });

        await ResultAsync(tubeId, 1, "positive");
        var display = await grid.DisplayAsync(resident);
        Assert.Equal("yellow", display.GetProperty("colour").GetString());
        var release = display.GetProperty("causes")[0].GetProperty("release");
        Assert.Equal("single-retest", release.GetProperty("how").GetString());
        Assert.True(release.GetProperty("expectedBy").GetDateTimeOffset() > display.GetProperty("asOf").GetDateTimeOffset());
        var correction = new { tubeId, sequence = 2, method = "rt-pcr", result = "negative", testedAt = Minutes(-1), correctionOf = 1 };
        Assert.Equal(HttpStatusCode.Accepted, (await grid.CallAsync(HttpMethod.Post, "/v1/results", _lab, correction)).Status);
        Assert.Equal("green", (await grid.DisplayAsync(resident)).GetProperty("colour").GetString());
        Assert.Equal("corrected", (await TubeOfAsync(tubeId)).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("""{"sequence":1,"method":"m","result":"negative","testedAt":"2022-01-04T09:00:00Z"}""", "field-missing")]
    [InlineData("""{"tubeId":"t","sequence":0,"method":"m","result":"negative","testedAt":"2022-01-04T09:00:00Z"}""", "field-invalid")]
    [InlineData("""{"tubeId":"t","sequence":1,"method":"m","result":"maybe","testedAt":"2022-01-04T09:00:00Z"}""", "field-invalid")]
    [InlineData("""{"tubeId":"t","sequence":1,"method":"m","result":"negative","testedAt":"yesterday"}""", "field-invalid")]
    [InlineData("""{"tubeId":"t","sequence":1,"method":"m","result":"positive","testedAt":"2000-06-01T09:00:00Z"}""", "time-too-old")]
    [InlineData("""{"tubeId":"t","sequence":1,"method":"m","result":"positive","result":"negative","testedAt":"2022-01-04T09:00:00Z"}""", "duplicate-key")]
    [InlineData("""{"tubeId":"t","sequence":1,"method":"m","Result":"positive","result":"negative","testedAt":"2022-01-04T09:00:00Z"}""", "duplicate-key")]
    [InlineData("""{"tubeId":"t","sequence":1,"result":"negative","testedAt":"2022-01-04T09:00:00Z"}""", "field-missing")]
    [InlineData("""{"tubeId":"t","sequence":1,"method":"m","result":"negative","testedAt":"2022-01-04T09:00:00Z","correctionOf":1}""", "correction-invalid")]
    [InlineData("""{"tubeId":"t","sequence":"1","method":"m","result":"negative","testedAt":"2022-01-04T09:00:00Z"}""", "json-invalid")]
    public async Task A_bad_result_is_refused(string body, string code)
        => (await grid.CallTextAsync(HttpMethod.Post, "/v1/results", _lab, body.Replace("\"t\"", $"\"t-{Guid.NewGuid():N}\""))).Refused(400, code);

    [Fact]
    public async Task Whole_tubes_come_in_line_by_line_and_again_without_harm()
    {
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        var (full, partly, over) = ($"T-{Guid.NewGuid():N}", $"T-{Guid.NewGuid():N}", $"T-{Guid.NewGuid():N}");
        object Of(params Guid[] residents) => residents.Select(id => new { residentId = id, collectedAt = Minutes(-30) });
        var lines = string.Join('\n',
            JsonSerializer.Serialize(new { tubeId = full, capacity = 10, siteId = "site-1", samples = Of(one.Id, two.Id) }),
            JsonSerializer.Serialize(new { tubeId = partly, capacity = 10, siteId = "site-1", samples = Of(Guid.NewGuid(), two.Id) }),
            JsonSerializer.Serialize(new { tubeId = over, capacity = 1, siteId = "site-1", samples = Of(one.Id, two.Id) }),
            "nonsense",
            """{"tubeId":"cut""");

        for (var round = 0; round < 2; round++)
        {
            var answer = await grid.SendAsync(HttpMethod.Post, "/v1/tubes/import", _sampler, new StringContent(lines, Encoding.UTF8, "application/x-ndjson"));
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal(round == 0 ? (1, 0) : (0, 1), (answer.Json.GetProperty("accepted").GetInt32(), answer.Json.GetProperty("duplicates").GetInt32()));
            Assert.Equal(
                [(2, "resident-unknown"), (3, "tube-full"), (4, "json-invalid"), (5, "line-truncated")],
                answer.Json.GetProperty("errors").EnumerateArray().Select(error => (error.GetProperty("line").GetInt32(), error.GetProperty("code").GetString()!)));
        }
        Assert.Equal(("sealed", 2), ((await TubeOfAsync(full)).GetProperty("state").GetString(), (await TubeOfAsync(full)).GetProperty("count").GetInt32()));
        (await grid.CallAsync(HttpMethod.Get, $"/v1/tubes/{partly}", _lab)).Refused(404, "tube-unknown");
        (await grid.CallAsync(HttpMethod.Get, $"/v1/tubes/{over}", _lab)).Refused(404, "tube-unknown");
    }

    [Fact]
    public async Task A_line_that_cannot_be_taken_whole_names_the_samples_that_were_wrong()
    {
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        object[] unknown = [Sample(Guid.NewGuid()), Sample(one.Id), Sample(Guid.NewGuid())];
        object[] unreadable = [Sample(one.Id), new { residentId = two.Id }, new { residentId = two.Id, idNumber = "1", collectedAt = Minutes(-30) }];
        var lines = string.Join('\n',
            Line(unknown), Line(unreadable), Line([Sample(one.Id)]).Replace("site-1", "site-2", StringComparison.Ordinal),
            Line([new { residentId = one.Id, collectedAt = "2022-01-04T09:00:00" }]));

        var answer = await grid.SendAsync(HttpMethod.Post, "/v1/tubes/import", _sampler, new StringContent(lines, Encoding.UTF8, "application/x-ndjson"));

        Assert.Equal(
            [
                (1, "resident-unknown", "samples[0] resident-unknown, samples[2] resident-unknown"),
                (2, "field-missing", "samples[1] field-missing, samples[2] field-invalid"),
                (3, "site-forbidden", "A sampler acts on the tubes of its own site only."),
                (4, "field-invalid", "The field 'samples[0].collectedAt' is a time in RFC 3339 with a zone, such as 2026-01-04T09:00:00Z."),
            ],
            answer.Json.GetProperty("errors").EnumerateArray().Select(error => (
                error.GetProperty("line").GetInt32(), error.GetProperty("code").GetString()!, error.GetProperty("detail").GetString()!)));

        string Line(object[] samples) => JsonSerializer.Serialize(new { tubeId = $"T-{Guid.NewGuid():N}", capacity = 5, siteId = "site-1", samples });
        object Sample(Guid id) => new { residentId = id, collectedAt = Minutes(-30) };
    }

    [Theory]
    [InlineData("positive", 1, "red")]
    [InlineData("positive", 10, "yellow")]
    public async Task A_laboratory_whose_clock_is_ahead_changes_the_colour_at_once(string result, int capacity, string colour)
    {
        var resident = await grid.RegisterAsync();
        var tubeId = await TubeAsync(capacity);
        await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(9) });
        await ResultAsync(tubeId, 1, result, Minutes(9));

        var display = await grid.DisplayAsync(resident);

        Assert.Equal(colour, display.GetProperty("colour").GetString());
        var asOf = display.GetProperty("asOf").GetDateTimeOffset();
        Assert.InRange(display.GetProperty("causes")[0].GetProperty("since").GetDateTimeOffset(), asOf.AddMinutes(-1), asOf.AddSeconds(1));
        Assert.InRange(display.GetProperty("test").GetProperty("collectedAt").GetDateTimeOffset(), asOf.AddMinutes(-1), asOf.AddSeconds(1));
    }

    [Fact]
    public async Task A_result_or_a_dose_at_a_time_that_cannot_be_is_refused()
    {
        var resident = await grid.RegisterAsync();
        var tubeId = await TubeAsync(1);
        await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-60) });

        (await ResultAsync(tubeId, 1, "positive", Minutes(-60 * 24 * 3))).Refused(409, "tested-before-collected");
        (await ResultAsync(tubeId, 1, "positive", Minutes(11))).Refused(400, "field-invalid");
        (await SampleAsync(await TubeAsync(1), new { residentId = resident.Id, collectedAt = "2001-01-01T00:00:00Z" })).Refused(400, "time-too-old");
        var dose = new { recordId = $"r-{Guid.NewGuid():N}", residentId = resident.Id, product = "P", dose = 1, at = "2000-01-01T00:00:00Z" };
        (await grid.CallAsync(HttpMethod.Post, "/v1/vaccinations", grid.Token(Role.Clinic, "clinic-1"), dose)).Refused(400, "time-too-old");
        Assert.Equal("green", (await grid.DisplayAsync(resident)).GetProperty("colour").GetString());
        Assert.Equal(HttpStatusCode.Accepted, (await ResultAsync(tubeId, 1, "positive")).Status);
    }

    [Fact]
    public async Task A_single_retest_ends_the_hold_of_its_person()
    {
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        var pool = await TubeAsync(10);
        foreach (var resident in new[] { one, two })
            await SampleAsync(pool, new { residentId = resident.Id, collectedAt = Minutes(-300) });
        await ResultAsync(pool, 1, "positive", Minutes(-200));

        var single = await TubeAsync(1);
        await SampleAsync(single, new { residentId = one.Id, collectedAt = Minutes(-100) });
        Assert.Equal("yellow", (await grid.DisplayAsync(one)).GetProperty("colour").GetString());
        await ResultAsync(single, 1, "negative");

        var display = await grid.DisplayAsync(one);
        Assert.Equal(("green", 0), (display.GetProperty("colour").GetString(), display.GetProperty("causes").GetArrayLength()));
        Assert.Equal("yellow", (await grid.DisplayAsync(two)).GetProperty("colour").GetString());
    }

    [Fact]
    public async Task A_sampler_acts_on_the_tubes_of_its_own_site()
    {
        var resident = await grid.RegisterAsync();
        var tubeId = await TubeAsync(5);
        var (colleague, other) = (grid.Token(Role.Sampler, "site-1/li"), grid.Token(Role.Sampler, "site-2"));
        var sample = new { residentId = resident.Id, collectedAt = Minutes(-5) };
        var samples = $"/v1/tubes/{tubeId}/samples";

        (await grid.CallAsync(HttpMethod.Post, "/v1/tubes", other, new { tubeId = $"T-{Guid.NewGuid():N}", capacity = 5, siteId = "site-1" }))
            .Refused(403, "site-forbidden");
        (await grid.CallAsync(HttpMethod.Post, samples, other, sample)).Refused(403, "site-forbidden");
        Assert.Equal(HttpStatusCode.OK, (await grid.CallAsync(HttpMethod.Post, samples, colleague, sample)).Status);
        (await grid.CallAsync(HttpMethod.Delete, $"{samples}/{resident.Id}?reason=no", other)).Refused(403, "site-forbidden");
        (await grid.CallAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/seal", other)).Refused(403, "site-forbidden");
        (await grid.CallAsync(HttpMethod.Get, $"/v1/tubes/{tubeId}", other)).Refused(403, "site-forbidden");
        Assert.Equal(HttpStatusCode.OK, (await grid.CallAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/seal", colleague)).Status);
    }

    [Fact]
    public async Task After_a_result_a_tube_takes_no_sample()
    {
        var tubeId = await TubeAsync(10);
        await SampleAsync(tubeId, new { residentId = (await grid.RegisterAsync()).Id, collectedAt = Minutes(-90) });
        await ResultAsync(tubeId, 1, "negative");

        (await SampleAsync(tubeId, new { residentId = (await grid.RegisterAsync()).Id, collectedAt = Minutes(-90) })).Refused(409, "tube-sealed");
    }

    [Fact]
    public async Task A_field_given_twice_is_refused_and_named()
    {
        var tubeId = await TubeAsync(5);
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        string[] bodies =
        [
            $$"""{"residentId":"{{one.Id}}","residentId":"{{two.Id}}","collectedAt":"{{Minutes(-5)}}"}""",
            $$"""{"residentId":"{{one.Id}}","collectedAt":"{{Minutes(-5)}}","collectedAt":"{{Minutes(-5)}}"}""",
        ];
        foreach (var body in bodies)
            (await grid.CallTextAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/samples", _sampler, body)).Refused(400, "duplicate-key");
        var answer = await grid.CallTextAsync(HttpMethod.Post, "/v1/residents", grid.Staff, """{"idNumber":"1","idNumber":"2"}""");
        answer.Refused(400, "duplicate-key");
        Assert.Equal("The field 'idNumber' is given twice.", answer.Json.GetProperty("detail").GetString());
        Assert.Equal(0, (await TubeOfAsync(tubeId)).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_record_belongs_to_the_clinic_that_reported_it()
    {
        var resident = await grid.RegisterAsync();
        var dose = new { recordId = $"r-{Guid.NewGuid():N}", residentId = resident.Id, product = "P", dose = 1, at = "2021-06-01T08:00:00Z" };
        Task<Answer> Send(string clinic) => grid.CallAsync(HttpMethod.Post, "/v1/vaccinations", grid.Token(Role.Clinic, clinic), dose);

        Assert.Equal(HttpStatusCode.Created, (await Send("clinic-1/li")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Send("clinic-1/wang")).Status);
        (await Send("clinic-2")).Refused(409, "record-conflict");
    }

    [Fact]
    public async Task A_dose_is_recorded_once()
    {
        var resident = await grid.RegisterAsync();
        var clinic = grid.Token(Role.Clinic, "clinic-1");
        var recordId = $"r-{Guid.NewGuid():N}";
        var dose = new { recordId, idNumber = resident.Person.IdNumber, product = "CoronaVac", dose = 2, at = "2021-06-01T08:00:00Z" };

        Assert.Equal(HttpStatusCode.Created, (await grid.CallAsync(HttpMethod.Post, "/v1/vaccinations", clinic, dose)).Status);
        Assert.Equal(HttpStatusCode.OK, (await grid.CallAsync(HttpMethod.Post, "/v1/vaccinations", clinic, dose)).Status);
        (await grid.CallAsync(HttpMethod.Post, "/v1/vaccinations", clinic, new { recordId, residentId = resident.Id, product = "Other", dose = 2, at = "2021-06-01T08:00:00Z" }))
            .Refused(409, "record-conflict");
        (await grid.CallAsync(HttpMethod.Post, "/v1/vaccinations", clinic, new { recordId = "r-x", residentId = Guid.NewGuid(), product = "P", dose = 1, at = "2021-06-01T08:00:00Z" }))
            .Refused(404, "resident-unknown");
        (await grid.CallAsync(HttpMethod.Post, "/v1/vaccinations", clinic, new { recordId = "r-x", residentId = resident.Id, product = "P", dose = 11, at = "2021-06-01T08:00:00Z" }))
            .Refused(400, "field-invalid");
        Assert.Equal("""{"doses":2,"lastAt":"2021-06-01T08:00:00Z"}""", (await grid.DisplayAsync(resident)).GetProperty("vaccination").GetRawText());
    }

    private static string Minutes(double fromNow) => DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().AddMinutes(fromNow).ToUnixTimeSeconds()).ToString("O");

    private async Task<string> TubeAsync(int capacity)
    {
        var tubeId = $"T-{Guid.NewGuid():N}";
        var answer = await grid.CallAsync(HttpMethod.Post, "/v1/tubes", _sampler, new { tubeId, capacity, siteId = "site-1" });
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return tubeId;
    }

    private Task<Answer> SampleAsync(string tubeId, object sample) => grid.CallAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/samples", _sampler, sample);

    private async Task<JsonElement> TubeOfAsync(string tubeId) => (await grid.CallAsync(HttpMethod.Get, $"/v1/tubes/{tubeId}", _lab)).Json;

    private Task<Answer> ResultAsync(string tubeId, int sequence, string result, string? testedAt = null)
        => grid.CallAsync(HttpMethod.Post, "/v1/results", _lab, new { tubeId, sequence, method = "rt-pcr", result, testedAt = testedAt ?? Minutes(-2) });
}
