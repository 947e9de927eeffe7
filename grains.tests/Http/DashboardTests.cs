using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Grid.Gateway.Tokens;

namespace Grid.Tests.Http;

/// <summary>Orleans' own dashboard: off, or for admins alone, and without a word of any person.</summary>
public sealed class DashboardTests : IAsyncLifetime
{
    // Every answer of its page's program, with a kind of grain or a silo where it takes one.
    private static readonly string[] Paths =
    [
        "", "version", "DashboardCounters", "ClusterStats", "Reminders", "TopGrainMethods", "GrainTypes",
        "GrainStats/Grid.Residents.ResidentGrain",
    ];

    private readonly GridHost _grid = new() { Settings = ["--Grid:Dashboard", "true"] };

    public Task InitializeAsync() => _grid.InitializeAsync();

    public Task DisposeAsync() => _grid.DisposeAsync();

    [Fact]
    public async Task It_shows_kinds_of_grains_to_an_admin_and_no_key_and_no_state()
    {
        var resident = await _grid.RegisterAsync();
        await _grid.DisplayAsync(resident);
        var admin = _grid.Token(Role.Admin, "admin-1");
        string[] hidden = [$"{resident.Id}", $"{resident.Id:N}", resident.Person.Name, resident.Person.Phone, resident.Person.IdNumber];
        foreach (var path in Paths)
        {
            var answer = await _grid.CallAsync(HttpMethod.Get, $"/dashboard/{path}", admin);
            Assert.Equal((path, HttpStatusCode.OK), (path, answer.Status));
            Assert.All(hidden, word => Assert.DoesNotContain(word, answer.Text, StringComparison.OrdinalIgnoreCase));
        }

        // The dashboard counts once a second.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var period = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        while (!(await _grid.CallAsync(HttpMethod.Get, "/dashboard/DashboardCounters", admin)).Text.Contains("ResidentGrain", StringComparison.Ordinal))
            Assert.True(await period.WaitForNextTickAsync(patience.Token));
        foreach (var state in new[] { "GrainState", "grainstate", "GrainState/" })
        {
            var answer = await _grid.CallAsync(HttpMethod.Get, $"/dashboard/{state}?grainId={resident.Id:N}&grainType=Grid.Residents.ResidentGrain", admin);
            Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await _grid.CallAsync(HttpMethod.Get, "/dashboard/Trace", admin)).Status);
    }

    [Fact]
    public async Task It_is_for_admins_alone_and_a_browser_signs_in_with_a_token_as_password()
    {
        var nobody = await _grid.CallAsync(HttpMethod.Get, "/dashboard/DashboardCounters", null);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.Status);
        Assert.Equal("Basic", nobody.Headers.WwwAuthenticate.Single().Scheme);
        foreach (var role in Enum.GetValues<Role>().Where(static role => role != Role.Admin))
        {
            var answer = await _grid.CallAsync(HttpMethod.Get, "/dashboard/ClusterStats", _grid.Token(role, role == Role.Resident ? $"{Guid.NewGuid()}" : "venue-1"));
            Assert.Equal((role, HttpStatusCode.Forbidden), (role, answer.Status));
        }

        Assert.Equal(HttpStatusCode.OK, await SignInAsync($"anybody:{_grid.Token(Role.Admin, "admin-1")}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync("anybody:nothing"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync("no colon"));
    }

    [Fact]
    public async Task It_is_off_by_default()
    {
        await using var grid = new Stopping(new GridHost());
        await grid.Host.InitializeAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await grid.Host.CallAsync(HttpMethod.Get, "/dashboard/", grid.Host.Token(Role.Admin, "admin-1"))).Status);
    }

    private async Task<HttpStatusCode> SignInAsync(string pair)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/ClusterStats");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        using var answer = await _grid.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private sealed class Stopping(GridHost host) : IAsyncDisposable
    {
        internal GridHost Host => host;

        public async ValueTask DisposeAsync() => await host.DisposeAsync();
    }
}
