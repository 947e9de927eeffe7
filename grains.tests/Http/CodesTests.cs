using System.Net;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class CodesTests(GridHost grid) : IClassFixture<GridHost>
{
    private static readonly DateTimeOffset GivenAt = new(2021, 6, 1, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("/v1/me/code")] // the fast path
    [InlineData("/v1/ME/code/")] // the mapped route
    public async Task A_new_resident_is_green_with_no_test(string path)
    {
        var resident = await grid.RegisterAsync();
        var answer = await grid.CallAsync(HttpMethod.Get, path, resident.Token);

        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.Status, answer.Type));
        Assert.Equal("no-cache, private", answer.Headers.CacheControl!.ToString());
        var display = answer.As<DisplayReply>().Value;
        Assert.Equal((resident.Id, "张*", "green"), (display.ResidentId, display.Name, display.Colour));
        Assert.Matches("^HK1:[0-9A-Z $%*+./:-]{72}$", display.Token);
        Assert.InRange(display.RefreshAfterSeconds, 40, 55);
        Assert.Equal(TimeSpan.FromSeconds(60), display.ValidUntil - display.AsOf);
        Assert.Equal(new TestReply(null, null, null, "none"), display.Test);
        Assert.Equal(new VaccinationReply(0, null), display.Vaccination);
        Assert.Empty(display.Causes);
        Assert.DoesNotContain(resident.Person.IdNumber, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(resident.Person.Name, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(resident.Person.Phone, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unregistered_resident_is_grey_without_a_code()
    {
        var answer = await grid.Client.DisplayAsync(grid.Token(Role.Resident, Guid.NewGuid().ToString()));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("grey", answer.Value.Colour);
        Assert.Null(answer.Value.Token);
    }

    [Fact]
    public async Task Refresh_times_are_spread()
    {
        var resident = await grid.RegisterAsync();
        var refreshes = new HashSet<int>();
        for (var i = 0; i < 50; i++)
            refreshes.Add((await grid.DisplayAsync(resident)).RefreshAfterSeconds);

        Assert.InRange(refreshes.Count, 5, 16);
    }

    [Fact]
    public async Task An_early_refresh_is_not_modified_until_something_changes()
    {
        var resident = await grid.RegisterAsync();
        var first = await grid.Client.DisplayAsync(resident.Token);
        var tag = first.Headers.ETag!.ToString();

        var again = await AgainAsync(resident, tag);
        Assert.Equal(HttpStatusCode.NotModified, again.Status);
        Assert.Equal("", again.Text);
        Assert.Equal(tag, again.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.NotModified, (await AgainAsync(resident, "W/" + tag)).Status);

        await VaccinateAsync(resident);
        var changed = await AgainAsync(resident, tag);
        Assert.Equal(HttpStatusCode.OK, changed.Status);
        Assert.NotEqual(tag, changed.Headers.ETag!.ToString());
    }

    [Theory]
    [InlineData("\"x\"")]
    [InlineData("\"x\", W/\"y\",")]
    [InlineData("no tag at all")]
    [InlineData("\"ffffffffff0000000000000000\"")]
    [InlineData("\"000000002800000000000000 0\"")]
    public async Task An_unknown_tag_gets_the_code(string tag) =>
        Assert.Equal(HttpStatusCode.OK, (await AgainAsync(await grid.RegisterAsync(), tag)).Status);

    [Theory]
    [InlineData("{0}")]
    [InlineData("W/{0}")]
    [InlineData("\"x\", {0}")]
    [InlineData("W/\"x\",W/{0}, \"y\"")]
    [InlineData(" , {0} ,")]
    [InlineData("*")]
    public async Task A_tag_is_known_in_every_form(string form)
    {
        var resident = await grid.RegisterAsync();
        var tag = (await grid.Client.DisplayAsync(resident.Token)).Headers.ETag!.ToString();
        foreach (var path in new[] { "/v1/me/code", "/v1/ME/code/" })
        {
            var answer = await grid.SendAsync(
                HttpMethod.Get,
                path,
                resident.Token,
                null,
                ("If-None-Match", form.Replace("{0}", tag, StringComparison.Ordinal))
            );
            Assert.Equal((HttpStatusCode.NotModified, ""), (answer.Status, answer.Text));
            Assert.Equal("no-cache, private", answer.Headers.CacheControl!.ToString());
            Assert.NotNull(answer.Headers.ETag);
        }
    }

    [Fact]
    public async Task A_tag_on_a_second_line_is_known()
    {
        var resident = await grid.RegisterAsync();
        var tag = (await grid.Client.DisplayAsync(resident.Token)).Headers.ETag!.ToString();
        var address = grid.Http.BaseAddress!;
        using var client = new System.Net.Sockets.TcpClient(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            System.Text.Encoding.ASCII.GetBytes(
                $"GET /v1/me/code HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {resident.Token}\r\n"
                    + $"If-None-Match: \"x\"\r\nIf-None-Match: {tag}\r\nConnection: close\r\n\r\n"
            )
        );
        using var reader = new StreamReader(stream);
        Assert.StartsWith(
            "HTTP/1.1 304 ",
            await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_tag_of_another_resident_does_not_match()
    {
        var (one, two) = (await grid.RegisterAsync(), await grid.RegisterAsync());
        var tag = (await grid.Client.DisplayAsync(one.Token)).Headers.ETag!.ToString();

        Assert.Equal(HttpStatusCode.OK, (await AgainAsync(two, tag)).Status);
    }

    [Fact]
    public async Task A_resident_may_show_only_their_own_code()
    {
        var resident = await grid.RegisterAsync();

        Assert.Equal(
            HttpStatusCode.OK,
            (await grid.CallAsync(HttpMethod.Get, $"/v1/me/code?for={resident.Id}", resident.Token)).Status
        );
        (await grid.CallAsync(HttpMethod.Get, $"/v1/me/code?for={Guid.NewGuid()}", resident.Token)).Refused(
            403,
            "dependent-forbidden"
        );
        (await grid.CallAsync(HttpMethod.Get, "/v1/me/code?for=nonsense", resident.Token)).Refused(
            403,
            "dependent-forbidden"
        );
    }

    [Fact]
    public async Task The_history_has_doses_and_results_newest_first()
    {
        var resident = await grid.RegisterAsync();
        await VaccinateAsync(resident);
        var answer = await grid.Client.HistoryAsync(resident.Token);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var history = answer.Value;
        Assert.Equal(new HistoryDoseReply("CoronaVac", 1, GivenAt), Assert.Single(history.Vaccinations));
        Assert.Equal((0, 0, 0), (history.Results.Length, history.Causes.Length, history.Lookups.Length));
        Assert.Contains("\"at\":\"2021-06-01T08:00:00Z\"", answer.Text, StringComparison.Ordinal);

        (await grid.Client.HistoryAsync(grid.Token(Role.Resident, Guid.NewGuid().ToString()))).Refused(
            404,
            "resident-unknown"
        );
    }

    private Task<Answer> AgainAsync(Resident resident, string tag) =>
        grid.SendAsync(HttpMethod.Get, "/v1/me/code", resident.Token, null, ("If-None-Match", tag));

    private async Task VaccinateAsync(Resident resident)
    {
        var dose = new
        {
            recordId = $"r-{Guid.NewGuid():N}",
            residentId = resident.Id,
            product = "CoronaVac",
            dose = 1,
            at = GivenAt.ToOffset(TimeSpan.FromHours(8)),
        };
        Assert.Equal(HttpStatusCode.Created, (await grid.Client.VaccinateAsync(dose)).Status);
    }
}
