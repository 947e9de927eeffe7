using System.Net;
using System.Text;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

/// <summary>Orleans' dashboard: off by default, for admins only, and without personal data.</summary>
public sealed class DashboardTests(DashboardTests.ShownGrid grid) : IClassFixture<DashboardTests.ShownGrid>
{
    // Every call of the dashboard's page, with a grain type or silo where it takes one.
    private static readonly string[] Paths =
    [
        "",
        "version",
        "DashboardCounters",
        "ClusterStats",
        "Reminders",
        "TopGrainMethods",
        "GrainTypes",
        "GrainStats/Grid.Residents.ResidentGrain",
    ];

    [Fact]
    public async Task It_shows_an_admin_grain_types_but_no_key_and_no_state()
    {
        var resident = await grid.RegisterAsync();
        await grid.DisplayAsync(resident);
        var admin = grid.Token(Role.Admin, "admin-1");
        string[] hidden =
        [
            $"{resident.Id}",
            $"{resident.Id:N}",
            resident.Person.Name,
            resident.Person.Phone,
            resident.Person.IdNumber,
        ];
        foreach (var path in Paths)
        {
            var answer = await grid.CallAsync(HttpMethod.Get, $"/dashboard/{path}", admin);
            Assert.Equal((path, HttpStatusCode.OK), (path, answer.Status));
            Assert.All(hidden, word => Assert.DoesNotContain(word, answer.Text, StringComparison.OrdinalIgnoreCase));
        }

        // The dashboard collects its counters once a second.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var period = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        while (
            !(await grid.CallAsync(HttpMethod.Get, "/dashboard/DashboardCounters", admin)).Text.Contains(
                "ResidentGrain",
                StringComparison.Ordinal
            )
        )
            Assert.True(await period.WaitForNextTickAsync(patience.Token));
        foreach (var state in new[] { "GrainState", "grainstate", "GrainState/" })
        {
            var answer = await grid.CallAsync(
                HttpMethod.Get,
                $"/dashboard/{state}?grainId={resident.Id:N}&grainType=Grid.Residents.ResidentGrain",
                admin
            );
            Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        }

        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await grid.CallAsync(HttpMethod.Get, "/dashboard/Trace", admin)).Status
        );
    }

    [Fact]
    public async Task It_is_for_admins_alone_and_a_browser_signs_in_with_a_token_as_password()
    {
        var nobody = await grid.CallAsync(HttpMethod.Get, "/dashboard/DashboardCounters", null);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.Status);
        Assert.Equal("Basic", nobody.Headers.WwwAuthenticate.Single().Scheme);
        foreach (var role in Enum.GetValues<Role>().Where(static role => role != Role.Admin))
        {
            var answer = await grid.CallAsync(
                HttpMethod.Get,
                "/dashboard/ClusterStats",
                grid.Token(role, role == Role.Resident ? $"{Guid.NewGuid()}" : "venue-1")
            );
            Assert.Equal((role, HttpStatusCode.Forbidden), (role, answer.Status));
        }

        Assert.Equal(HttpStatusCode.OK, await SignInAsync($"anybody:{grid.Token(Role.Admin, "admin-1")}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync("anybody:nothing"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync("no colon"));
    }

    [Fact]
    public async Task It_is_off_by_default()
    {
        await using var plain = new GridHost();
        await plain.StartAsync();
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await plain.CallAsync(HttpMethod.Get, "/dashboard/", plain.Token(Role.Admin, "admin-1"))).Status
        );
    }

    private async Task<HttpStatusCode> SignInAsync(string pair) =>
        (
            await grid.CallAsync(
                HttpMethod.Get,
                "/dashboard/ClusterStats",
                null,
                null,
                ("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))}")
            )
        ).Status;

    /// <summary>A grid that shows the dashboard.</summary>
    public sealed class ShownGrid : GridHost
    {
        public ShownGrid() => Settings["Grid:Dashboard"] = "true";
    }
}
