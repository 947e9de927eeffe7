using System.Net;
using Grid.Gateway.Sessions;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class SignInLimitTests
{
    private const int PerPhone = 4;

    [Fact]
    public async Task One_phone_gets_a_bounded_number_of_codes_across_all_numbers()
    {
        await using var grid = await StartAsync(("Grid:SignIn:PerPhoneAndHour", $"{PerPhone}"));
        var victim = GridHost.NewPerson().Phone;
        for (var i = 0; i < PerPhone; i++)
            Assert.Equal(
                HttpStatusCode.Accepted,
                (await RegisterAsync(grid, GridHost.NewPerson() with { Phone = victim })).Status
            );

        var refused = await RegisterAsync(grid, GridHost.NewPerson() with { Phone = victim });
        refused.Refused(429, "rate-limited");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
        var person = GridHost.NewPerson() with { Phone = victim };
        (await ChallengeAsync(grid, person)).Refused(429, "rate-limited");
        Assert.Equal(HttpStatusCode.Accepted, (await RegisterAsync(grid, GridHost.NewPerson())).Status);
    }

    [Fact]
    public async Task One_number_gets_a_bounded_number_of_challenges_across_all_phones()
    {
        await using var grid = await StartAsync(("Grid:SignIn:PerDocumentAndHour", $"{PerPhone}"));
        var person = GridHost.NewPerson();
        for (var i = 0; i < PerPhone; i++)
            Assert.Equal(
                HttpStatusCode.Accepted,
                (await ChallengeAsync(grid, person with { Phone = GridHost.NewPerson().Phone })).Status
            );

        (await ChallengeAsync(grid, person)).Refused(429, "rate-limited");
    }

    [Fact]
    public async Task A_source_is_limited_and_an_unconfigured_proxy_cannot_forge_others()
    {
        await using var grid = await StartAsync(("Grid:SignIn:PerSourceAndSecond", "1"));
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 40; i++)
            answers.Add((await AskAsync(grid, $"203.0.113.{i}")).Status);

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(HttpStatusCode.Accepted, answers[0]);
        var metrics = await grid.Http.GetStringAsync("/metrics");
        Assert.Matches("grid_security_events_total\\{[^}]*event=\"source-limited\"[^}]*\\} [1-9]", metrics);
    }

    [Fact]
    public async Task Behind_a_configured_proxy_each_source_has_its_own_limit()
    {
        await using var grid = await StartAsync(
            ("Grid:SignIn:PerSourceAndSecond", "1"),
            ("Grid:Gateway:Proxies", "127.0.0.0/8")
        );
        for (var i = 0; i < 40; i++)
            Assert.Equal(HttpStatusCode.Accepted, (await AskAsync(grid, $"203.0.113.{i}")).Status);
        var refused = 0;
        for (var i = 0; i < 40; i++)
            refused += (await AskAsync(grid, "203.0.113.200")).Status == HttpStatusCode.TooManyRequests ? 1 : 0;
        Assert.InRange(refused, 1, 39);
    }

    [Fact]
    public async Task A_source_that_guesses_wrong_too_often_is_refused()
    {
        await using var grid = await StartAsync(("Grid:SignIn:RefusedPerSourceAndMinute", "2"));
        for (var i = 0; i < 4; i++)
            (await GuessAsync(grid)).Refused(401, "sign-in-refused");

        (await GuessAsync(grid)).Refused(429, "rate-limited");
    }

    [Fact]
    public void Counts_expire_after_an_hour_and_keys_do_not_collide()
    {
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        var counts = new HourCounts(2, clock);
        for (var key = 0; key < 20_000; key++)
            Assert.True(counts.TryCount(BitConverter.GetBytes(key), out _));
        Assert.True(counts.TryCount(BitConverter.GetBytes(1), out _));
        Assert.False(counts.TryCount(BitConverter.GetBytes(1), out var retryAfter));
        Assert.Equal(TimeSpan.FromHours(1), retryAfter);

        clock.Advance(TimeSpan.FromHours(1));
        Assert.True(counts.TryCount(BitConverter.GetBytes(1), out _));
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2ff::1", "20010db8000102")]
    [InlineData("2001:db8:1:200::9", "20010db8000102")]
    public void A_source_is_an_address_or_the_network_of_one(string address, string network) =>
        Assert.Equal(network, SignInLimits.NetworkOf(IPAddress.Parse(address)));

    private static async Task<GridHost> StartAsync(params (string Name, string Value)[] settings)
    {
        var host = new GridHost { Settings = { ["Grid:Gateway:SignInAnswerAfter"] = "00:00:00" } };
        foreach (var (name, value) in settings)
            host.Settings[name] = value;
        await host.StartAsync();
        return host;
    }

    private static Task<Answer> RegisterAsync(GridHost grid, Person person) =>
        grid.CallAsync(HttpMethod.Post, "/v1/registrations", null, person.Registration());

    private static Task<Answer> ChallengeAsync(GridHost grid, Person person) =>
        grid.CallAsync(
            HttpMethod.Post,
            "/v1/sessions/challenge",
            null,
            new { idNumber = person.IdNumber, phone = person.Phone }
        );

    private static Task<Answer> GuessAsync(GridHost grid) =>
        grid.CallAsync(HttpMethod.Post, "/v1/sessions", null, new { challengeId = "made-up", otp = "123456" });

    private static Task<Answer> AskAsync(GridHost grid, string forwardedFor)
    {
        var person = GridHost.NewPerson();
        var challenge = new { idNumber = person.IdNumber, phone = person.Phone };
        return grid.CallAsync(
            HttpMethod.Post,
            "/v1/sessions/challenge",
            null,
            challenge,
            ("X-Forwarded-For", forwardedFor)
        );
    }
}
