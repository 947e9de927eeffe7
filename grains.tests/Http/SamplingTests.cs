using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class SamplingTests(GridHost grid) : IClassFixture<GridHost>
{
    private readonly string _sampler = grid.Token(Role.Sampler, "site-1");

    [Fact]
    public async Task A_tube_is_opened_filled_sealed_and_resulted()
    {
        var (one, two, three) = (await grid.RegisterAsync(), await grid.RegisterAsync(), await grid.RegisterAsync());
        var tubeId = await TubeAsync(10);

        Assert.Equal(
            """{"count":1,"capacity":10}""",
            (await SampleAsync(tubeId, new { token = await grid.CodeAsync(one), collectedAt = Minutes(-90) })).Text
        );
        Assert.Equal(
            """{"count":2,"capacity":10}""",
            (await SampleAsync(tubeId, new { residentId = two.Id, collectedAt = Minutes(-89) })).Text
        );
        Assert.Equal(
            """{"count":3,"capacity":10}""",
            (await SampleAsync(tubeId, new { idNumber = three.Person.IdNumber, collectedAt = Minutes(-88) })).Text
        );
        Assert.Equal("sampled", (await grid.DisplayAsync(one)).Test.State);

        Assert.Equal(HttpStatusCode.OK, (await grid.Client.SealAsync(tubeId)).Status);
        Assert.Equal("sealed", (await TubeOfAsync(tubeId)).State);

        var receipt = await ResultAsync(tubeId, 1, "negative");
        Assert.Equal(HttpStatusCode.Accepted, receipt.Status);
        Assert.Equal("applied", receipt.Value.State);
        foreach (var resident in new[] { one, two, three })
        {
            var test = (await grid.DisplayAsync(resident)).Test;
            Assert.Equal(("negative", "resulted", (int?)1), (test.Result, test.State, test.AgeHours));
        }
        var tube = await TubeOfAsync(tubeId);
        Assert.Equal(("resulted", "negative", 3), (tube.State, tube.Result, tube.Count));
    }

    [Fact]
    public async Task The_location_leads_to_the_new_tube()
    {
        var made = await grid.Client.OpenTubeAsync($"T~{Guid.NewGuid():N}:1+1", 5);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(
            HttpStatusCode.OK,
            (await grid.CallAsync(HttpMethod.Get, made.Headers.Location!.ToString(), _sampler)).Status
        );
    }

    [Fact]
    public async Task A_tube_registered_again_is_the_same_or_a_conflict()
    {
        var tubeId = await TubeAsync(5);

        Assert.Equal(HttpStatusCode.OK, (await grid.Client.OpenTubeAsync(tubeId, 5)).Status);
        (await grid.Client.OpenTubeAsync(tubeId, 10)).Refused(409, "tube-conflict");
        (await grid.Client.OpenTubeAsync("t", 7)).Refused(400, "capacity-invalid");
        (await grid.Client.OpenTubeAsync("a/b", 5)).Refused(400, "field-invalid");
        (await grid.CallAsync(HttpMethod.Post, "/v1/tubes", _sampler, new { capacity = 5, siteId = "s" })).Refused(
            400,
            "field-missing"
        );
    }

    [Fact]
    public async Task A_tube_over_its_capacity_is_full()
    {
        var tubeId = await TubeAsync(1);
        Assert.Equal(
            HttpStatusCode.OK,
            (
                await SampleAsync(
                    tubeId,
                    new { residentId = (await grid.RegisterAsync()).Id, collectedAt = Minutes(-5) }
                )
            ).Status
        );

        (
            await SampleAsync(tubeId, new { residentId = (await grid.RegisterAsync()).Id, collectedAt = Minutes(-5) })
        ).Refused(409, "tube-full");
        Assert.Equal(1, (await TubeOfAsync(tubeId)).Count);
    }

    [Fact]
    public async Task A_sample_after_sealing_and_a_second_swab_are_refused()
    {
        var tubeId = await TubeAsync(5);
        var resident = await grid.RegisterAsync();
        await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-5) });
        (await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-4) })).Refused(
            409,
            "already-in-tube"
        );

        await grid.Client.SealAsync(tubeId);
        (
            await SampleAsync(tubeId, new { residentId = (await grid.RegisterAsync()).Id, collectedAt = Minutes(-3) })
        ).Refused(409, "tube-sealed");
        (await grid.Client.WithdrawSampleAsync(tubeId, resident.Id, "late")).Refused(409, "tube-sealed");
        Assert.Equal(1, (await TubeOfAsync(tubeId)).Count);
    }

    [Fact]
    public async Task A_repeat_under_its_key_differs_from_a_second_swab()
    {
        var tubeId = await TubeAsync(5);
        var resident = await grid.RegisterAsync();
        var body = JsonSerializer.Serialize(new { residentId = resident.Id, collectedAt = Minutes(-5) });
        Task<Answer> Send(string key) =>
            grid.SendAsync(
                HttpMethod.Post,
                $"/v1/tubes/{tubeId}/samples",
                _sampler,
                new StringContent(body, Encoding.UTF8, "application/json"),
                ("Idempotency-Key", key)
            );

        var first = await Send("swab-1");
        Assert.Equal(first.Text, (await Send("swab-1")).Text);
        (await Send("swab-2")).Refused(409, "already-in-tube");
        (await Send(new string('x', 65))).Refused(400, "field-invalid");
    }

    [Fact]
    public async Task A_sample_is_withdrawn_with_a_reason()
    {
        var tubeId = await TubeAsync(5);
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        foreach (var resident in new[] { one, two })
            await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-5) });

        (await grid.Client.WithdrawSampleAsync(tubeId, one.Id, reason: null)).Refused(400, "field-missing");
        Assert.Equal(new CountReply(1, 5), (await grid.Client.WithdrawSampleAsync(tubeId, one.Id, "broken")).Value);
        var inBody = await grid.CallAsync(
            HttpMethod.Delete,
            $"/v1/tubes/{tubeId}/samples/{two.Id}",
            _sampler,
            new { reason = "broken" }
        );
        Assert.Equal("""{"count":0,"capacity":5}""", inBody.Text);
        (await grid.Client.WithdrawSampleAsync(tubeId, Guid.NewGuid(), "broken")).Refused(404, "sample-unknown");
        Assert.Equal("none", (await grid.DisplayAsync(one)).Test.State);
    }

    [Fact]
    public async Task A_sample_names_one_known_person()
    {
        var tubeId = await TubeAsync(5);
        var resident = await grid.RegisterAsync();

        (await SampleAsync(tubeId, new { residentId = Guid.NewGuid(), collectedAt = Minutes(-5) })).Refused(
            404,
            "resident-unknown"
        );
        (
            await SampleAsync(tubeId, new { idNumber = GridHost.NewPerson().IdNumber, collectedAt = Minutes(-5) })
        ).Refused(404, "resident-unknown");
        (await SampleAsync(tubeId, new { idNumber = "610102199001010011", collectedAt = Minutes(-5) })).Refused(
            400,
            "id-number-invalid"
        );
        (await SampleAsync(tubeId, new { token = "HK1:X", collectedAt = Minutes(-5) })).Refused(400, "code-invalid");
        (await SampleAsync(tubeId, new { collectedAt = Minutes(-5) })).Refused(400, "field-missing");
        (
            await SampleAsync(
                tubeId,
                new
                {
                    residentId = resident.Id,
                    idNumber = resident.Person.IdNumber,
                    collectedAt = Minutes(-5),
                }
            )
        ).Refused(400, "field-invalid");
        (await SampleAsync(tubeId, new { residentId = resident.Id })).Refused(400, "field-missing");
        (await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(60) })).Refused(
            400,
            "field-invalid"
        );
        (await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = "2022-01-04T09:00:00" })).Refused(
            400,
            "field-invalid"
        );
        (await SampleAsync("no-such-tube", new { residentId = resident.Id, collectedAt = Minutes(-5) })).Refused(
            404,
            "tube-unknown"
        );
        Assert.Equal(0, (await TubeOfAsync(tubeId)).Count);
    }

    [Fact]
    public async Task A_result_before_its_tube_is_held_and_applied_when_the_tube_arrives()
    {
        var resident = await grid.RegisterAsync();
        var tubeId = NewTubeId();
        var held = await ResultAsync(tubeId, 1, "positive");
        Assert.Equal((HttpStatusCode.Accepted, "held"), (held.Status, held.Value.State));
        (await grid.Client.TubeAsync(tubeId)).Refused(404, "tube-unknown");

        await grid.Client.OpenTubeAsync(tubeId, 1);
        await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-90) });

        var display = await grid.DisplayAsync(resident);
        Assert.Equal("red", display.Colour);
        var cause = Assert.Single(display.Causes);
        Assert.Equal(("positive", "red", GridCalls.Laboratory), (cause.Kind, cause.Colour, cause.Issuer));
        Assert.Equal(new ReleaseReply("two-negatives", null), cause.Release);
        Assert.Equal(new ContestReply("none", false), cause.Contest);
        var history = (await grid.Client.HistoryAsync(resident.Token)).Value;
        Assert.Equal(cause, Assert.Single(history.Causes));
    }

    [Fact]
    public async Task A_repeated_result_has_the_same_receipt_and_other_content_is_a_conflict()
    {
        var tubeId = await TubeAsync(5);
        var testedAt = Minutes(-10);
        var first = await ResultAsync(tubeId, 1, "negative", testedAt);
        var again = await ResultAsync(tubeId, 1, "negative", testedAt);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (first.Status, again.Status));
        Assert.Equal(first.Value.ReceiptId, again.Value.ReceiptId);
        (await ResultAsync(tubeId, 1, "positive", testedAt)).Refused(409, "result-conflict");
        // Another laboratory can't reuse the first laboratory's sequence number.
        (await grid.Client.ResultAsync(tubeId, 1, "negative", testedAt, "lab-2")).Refused(409, "result-conflict");
        Assert.Equal("negative", (await TubeOfAsync(tubeId)).Result);
    }

    [Fact]
    public async Task A_positive_pool_holds_and_its_correction_lifts_the_hold()
    {
        var resident = await grid.RegisterAsync();
        var tubeId = await TubeAsync(10);
        await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-90) });

        await ResultAsync(tubeId, 1, "positive");
        var display = await grid.DisplayAsync(resident);
        Assert.Equal("yellow", display.Colour);
        var release = display.Causes[0].Release;
        Assert.Equal("single-retest", release.How);
        Assert.True(release.ExpectedBy > display.AsOf);
        var correction = await grid.Client.ResultAsync(tubeId, 2, "negative", Minutes(-1), correctionOf: 1);
        Assert.Equal(HttpStatusCode.Accepted, correction.Status);
        Assert.Equal("green", (await grid.DisplayAsync(resident)).Colour);
        Assert.Equal("corrected", (await TubeOfAsync(tubeId)).State);
    }

    [Theory]
    [InlineData(
        """{"sequence":1,"method":"m","result":"negative","testedAt":"2022-01-04T09:00:00Z"}""",
        "field-missing"
    )]
    [InlineData(
        """{"tubeId":"t","sequence":0,"method":"m","result":"negative","testedAt":"2022-01-04T09:00:00Z"}""",
        "field-invalid"
    )]
    [InlineData(
        """{"tubeId":"t","sequence":1,"method":"m","result":"maybe","testedAt":"2022-01-04T09:00:00Z"}""",
        "field-invalid"
    )]
    [InlineData(
        """{"tubeId":"t","sequence":1,"method":"m","result":"negative","testedAt":"yesterday"}""",
        "field-invalid"
    )]
    [InlineData(
        """{"tubeId":"t","sequence":1,"method":"m","result":"positive","testedAt":"2000-06-01T09:00:00Z"}""",
        "time-too-old"
    )]
    [InlineData(
        """{"tubeId":"t","sequence":1,"method":"m","result":"positive","result":"negative","""
            + """
                "testedAt":"2022-01-04T09:00:00Z"}
                """,
        "duplicate-key"
    )]
    [InlineData(
        """{"tubeId":"t","sequence":1,"method":"m","Result":"positive","result":"negative","""
            + """
                "testedAt":"2022-01-04T09:00:00Z"}
                """,
        "duplicate-key"
    )]
    [InlineData(
        """{"tubeId":"t","sequence":1,"result":"negative","testedAt":"2022-01-04T09:00:00Z"}""",
        "field-missing"
    )]
    [InlineData(
        """{"tubeId":"t","sequence":1,"method":"m","result":"negative","""
            + """
                "testedAt":"2022-01-04T09:00:00Z","correctionOf":1}
                """,
        "correction-invalid"
    )]
    [InlineData(
        """{"tubeId":"t","sequence":"1","method":"m","result":"negative","testedAt":"2022-01-04T09:00:00Z"}""",
        "json-invalid"
    )]
    public async Task A_bad_result_is_refused(string body, string code)
    {
        var ownTube = body.Replace("\"t\"", $"\"t-{Guid.NewGuid():N}\"");
        var laboratory = grid.Token(Role.Lab, GridCalls.Laboratory);
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/results", laboratory, ownTube)).Refused(400, code);
    }

    [Theory]
    [InlineData("positive", 1, "red")]
    [InlineData("positive", 10, "yellow")]
    public async Task A_laboratory_whose_clock_is_ahead_changes_the_colour_at_once(
        string result,
        int capacity,
        string colour
    )
    {
        var resident = await grid.RegisterAsync();
        var tubeId = await TubeAsync(capacity);
        await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(9) });
        await ResultAsync(tubeId, 1, result, Minutes(9));

        var display = await grid.DisplayAsync(resident);

        Assert.Equal(colour, display.Colour);
        var asOf = display.AsOf;
        Assert.InRange(display.Causes[0].Since, asOf.AddMinutes(-1), asOf.AddSeconds(1));
        Assert.InRange(display.Test.CollectedAt!.Value, asOf.AddMinutes(-1), asOf.AddSeconds(1));
    }

    [Fact]
    public async Task A_result_or_dose_at_an_impossible_time_is_refused()
    {
        var resident = await grid.RegisterAsync();
        var tubeId = await TubeAsync(1);
        await SampleAsync(tubeId, new { residentId = resident.Id, collectedAt = Minutes(-60) });

        (await ResultAsync(tubeId, 1, "positive", Minutes(-60 * 24 * 3))).Refused(409, "tested-before-collected");
        (await ResultAsync(tubeId, 1, "positive", Minutes(11))).Refused(400, "field-invalid");
        (
            await SampleAsync(
                await TubeAsync(1),
                new { residentId = resident.Id, collectedAt = "2001-01-01T00:00:00Z" }
            )
        ).Refused(400, "time-too-old");
        var dose = new
        {
            recordId = $"r-{Guid.NewGuid():N}",
            residentId = resident.Id,
            product = "P",
            dose = 1,
            at = "2000-01-01T00:00:00Z",
        };
        (await grid.Client.VaccinateAsync(dose)).Refused(400, "time-too-old");
        Assert.Equal("green", (await grid.DisplayAsync(resident)).Colour);
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
        Assert.Equal("yellow", (await grid.DisplayAsync(one)).Colour);
        await ResultAsync(single, 1, "negative");

        var display = await grid.DisplayAsync(one);
        Assert.Equal(("green", 0), (display.Colour, display.Causes.Length));
        Assert.Equal("yellow", (await grid.DisplayAsync(two)).Colour);
    }

    [Fact]
    public async Task A_sampler_acts_on_the_tubes_of_its_own_site()
    {
        var resident = await grid.RegisterAsync();
        var tubeId = await TubeAsync(5);
        const string Colleague = "site-1/li",
            Other = "site-2";
        var sample = new { residentId = resident.Id, collectedAt = Minutes(-5) };

        (await grid.Client.OpenTubeAsync(NewTubeId(), 5, sampler: Other)).Refused(403, "site-forbidden");
        (await grid.Client.AddSampleAsync(tubeId, sample, Other)).Refused(403, "site-forbidden");
        Assert.Equal(HttpStatusCode.OK, (await grid.Client.AddSampleAsync(tubeId, sample, Colleague)).Status);
        (await grid.Client.WithdrawSampleAsync(tubeId, resident.Id, "no", Other)).Refused(403, "site-forbidden");
        (await grid.Client.SealAsync(tubeId, Other)).Refused(403, "site-forbidden");
        (await grid.CallAsync(HttpMethod.Get, $"/v1/tubes/{tubeId}", grid.Token(Role.Sampler, Other))).Refused(
            403,
            "site-forbidden"
        );
        Assert.Equal(HttpStatusCode.OK, (await grid.Client.SealAsync(tubeId, Colleague)).Status);
    }

    [Fact]
    public async Task After_a_result_a_tube_accepts_no_sample()
    {
        var tubeId = await TubeAsync(10);
        await SampleAsync(tubeId, new { residentId = (await grid.RegisterAsync()).Id, collectedAt = Minutes(-90) });
        await ResultAsync(tubeId, 1, "negative");

        (
            await SampleAsync(tubeId, new { residentId = (await grid.RegisterAsync()).Id, collectedAt = Minutes(-90) })
        ).Refused(409, "tube-sealed");
    }

    [Fact]
    public async Task A_field_given_twice_is_refused_and_named()
    {
        var tubeId = await TubeAsync(5);
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        string[] bodies =
        [
            $$"""{"residentId":"{{one.Id}}","residentId":"{{two.Id}}","collectedAt":"{{Minutes(-5):O}}"}""",
            $$"""{"residentId":"{{one.Id}}","collectedAt":"{{Minutes(-5):O}}","collectedAt":"{{Minutes(-5):O}}"}""",
        ];
        foreach (var body in bodies)
            (await grid.CallTextAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/samples", _sampler, body)).Refused(
                400,
                "duplicate-key"
            );
        var answer = await grid.CallTextAsync(
            HttpMethod.Post,
            "/v1/residents",
            grid.Staff,
            """{"idNumber":"1","idNumber":"2"}"""
        );
        answer.Refused(400, "duplicate-key");
        Assert.Equal("The field 'idNumber' is given twice.", answer.Problem.Detail);
        Assert.Equal(0, (await TubeOfAsync(tubeId)).Count);
    }

    [Fact]
    public async Task A_record_belongs_to_the_clinic_that_reported_it()
    {
        var resident = await grid.RegisterAsync();
        var dose = new
        {
            recordId = $"r-{Guid.NewGuid():N}",
            residentId = resident.Id,
            product = "P",
            dose = 1,
            at = "2021-06-01T08:00:00Z",
        };

        Assert.Equal(HttpStatusCode.Created, (await grid.Client.VaccinateAsync(dose, "clinic-1/li")).Status);
        Assert.Equal(HttpStatusCode.OK, (await grid.Client.VaccinateAsync(dose, "clinic-1/wang")).Status);
        (await grid.Client.VaccinateAsync(dose, "clinic-2")).Refused(409, "record-conflict");
    }

    [Fact]
    public async Task A_dose_is_recorded_once()
    {
        var resident = await grid.RegisterAsync();
        const string At = "2021-06-01T08:00:00Z";
        var recordId = $"r-{Guid.NewGuid():N}";
        var dose = new
        {
            recordId,
            idNumber = resident.Person.IdNumber,
            product = "CoronaVac",
            dose = 2,
            at = At,
        };
        Task<Answer<object>> Send(string id, Guid person, string product, int number) =>
            grid.Client.VaccinateAsync(
                new
                {
                    recordId = id,
                    residentId = person,
                    product,
                    dose = number,
                    at = At,
                }
            );

        Assert.Equal(HttpStatusCode.Created, (await grid.Client.VaccinateAsync(dose)).Status);
        Assert.Equal(HttpStatusCode.OK, (await grid.Client.VaccinateAsync(dose)).Status);
        (await Send(recordId, resident.Id, "Other", 2)).Refused(409, "record-conflict");
        (await Send("r-x", Guid.NewGuid(), "P", 1)).Refused(404, "resident-unknown");
        (await Send("r-x", resident.Id, "P", 11)).Refused(400, "field-invalid");
        var vaccination = (await grid.DisplayAsync(resident)).Vaccination;
        Assert.Equal(new VaccinationReply(2, DateTimeOffset.Parse(At, CultureInfo.InvariantCulture)), vaccination);
    }

    private static DateTimeOffset Minutes(double fromNow) =>
        DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().AddMinutes(fromNow).ToUnixTimeSeconds());

    private async Task<string> TubeAsync(int capacity)
    {
        var tubeId = NewTubeId();
        Assert.Equal(HttpStatusCode.Created, (await grid.Client.OpenTubeAsync(tubeId, capacity)).Status);
        return tubeId;
    }

    private static string NewTubeId() => $"T-{Guid.NewGuid():N}";

    private Task<Answer<CountReply>> SampleAsync(string tubeId, object sample) =>
        grid.Client.AddSampleAsync(tubeId, sample);

    private async Task<TubeReply> TubeOfAsync(string tubeId) => (await grid.Client.TubeAsync(tubeId)).Value;

    private Task<Answer<ReceiptReply>> ResultAsync(
        string tubeId,
        int sequence,
        string result,
        DateTimeOffset? testedAt = null
    ) => grid.Client.ResultAsync(tubeId, sequence, result, testedAt ?? Minutes(-2));
}
