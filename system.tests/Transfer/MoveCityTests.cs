using System.Net;
using Grid.Gateway.Commands;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Transfer;

/// <summary>A city moves from its data folder to PostgreSQL and back by the program's commands, and nobody can tell.</summary>
[Collection(PostgresCollection.Name)]
public sealed class MoveCityTests(PostgresServer server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [PostgresFact]
    public async Task Displays_histories_and_scans_are_the_same_after_a_move_and_after_the_move_back()
    {
        await using var first = new GridHost();
        await first.StartAsync();
        var city = await City.FoundAsync(first);
        var before = await city.SeenAsync(first);
        Assert.Contains("\"result\":\"negative\"", before);
        await first.StopAsync();

        await using var second = new GridHost
        {
            Settings = { ["Grid:Postgres:0"] = server.CreateDatabase(), ["Grid:Postgres:1"] = server.CreateDatabase() },
        };
        await MoveAsync("there", first, second);
        await second.StartAsync();
        Assert.Equal(before, await city.SeenAsync(second));
        // In use: nobody takes a copy of half a moment, or a second grid the same people.
        Assert.Equal(1, await CommandTable.RunAsync(["export", Path.Combine(_folder.Path, "busy"), .. second.Arguments]));
        await second.RegisterAsync();
        await second.StopAsync();

        await using var third = new GridHost();
        await MoveAsync("back", second, third);
        await third.StartAsync();
        Assert.Equal(before, await city.SeenAsync(third));
    }

    public void Dispose() => _folder.Dispose();

    private async Task MoveAsync(string name, GridHost from, GridHost to)
    {
        var file = Path.Combine(_folder.Path, name);
        Assert.Equal(0, await CommandTable.RunAsync(["export", file, .. from.Arguments]));
        // Without the keys nobody would be found again: refused, and no new keys are made.
        Assert.Equal(1, await CommandTable.RunAsync(["import", file, .. to.Arguments]));
        Directory.CreateDirectory(Path.Combine(to.Data, "keys"));
        foreach (var key in Directory.GetFiles(Path.Combine(from.Data, "keys")))
            File.Copy(key, Path.Combine(to.Data, "keys", Path.GetFileName(key)), overwrite: true);
        Assert.Equal(0, await CommandTable.RunAsync(["import", file, .. to.Arguments]));
        Assert.Equal(1, await CommandTable.RunAsync(["import", file, .. to.Arguments]));
    }

    /// <summary>A few residents with a result, a dose and scans behind them.</summary>
    private sealed record City(Resident[] Residents, string VenueId, object Scan)
    {
        internal static async Task<City> FoundAsync(GridHost grid)
        {
            var residents = new Resident[3];
            for (var index = 0; index < residents.Length; index++)
                residents[index] = await grid.RegisterAsync();
            var venueId = await grid.VenueAsync(new { maxTestAgeHours = 72 });
            var (tubeId, sampler, now) = ($"tube-{Guid.NewGuid():N}", grid.Token(Role.Sampler, "site-1"), TimeProvider.System.GetUtcNow());
            await grid.CallAsync(HttpMethod.Post, "/v1/tubes", sampler, new { tubeId, capacity = 5, siteId = "site-1" });
            foreach (var resident in residents)
                await grid.CallAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/samples", sampler, new { residentId = resident.Id, collectedAt = now.AddMinutes(-90) });
            await grid.CallAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/seal", sampler);
            var result = new { tubeId, sequence = 1, method = "rt-pcr", result = "negative", testedAt = now.AddMinutes(-5) };
            Assert.Equal(HttpStatusCode.Accepted, (await grid.CallAsync(HttpMethod.Post, "/v1/results", grid.Token(Role.Lab, "lab-001"), result)).Status);
            var dose = new { recordId = $"dose-{Guid.NewGuid():N}", residentId = residents[0].Id, product = "CoronaVac", dose = 1, at = now.AddDays(-90) };
            Assert.Equal(HttpStatusCode.Created, (await grid.CallAsync(HttpMethod.Post, "/v1/vaccinations", grid.Token(Role.Clinic, "clinic-1"), dose)).Status);
            return new City(residents, venueId, new { scanId = Guid.NewGuid().ToString(), venueId, token = await grid.CodeAsync(residents[0]) });
        }

        /// <summary>All that people see, without what differs from one moment to the next.</summary>
        internal async Task<string> SeenAsync(GridHost grid)
        {
            var seen = new List<string>();
            foreach (var resident in Residents)
            {
                var display = await grid.DisplayAsync(resident);
                foreach (var member in new[] { "residentId", "name", "colour", "vaccination", "causes" })
                    seen.Add(display.GetProperty(member).GetRawText());
                seen.Add(display.GetProperty("test").GetProperty("result").GetRawText());
                var history = await grid.CallAsync(HttpMethod.Get, "/v1/me/history", resident.Token);
                Assert.Equal(HttpStatusCode.OK, history.Status);
                seen.Add(history.Text);
            }

            // The first time it is recorded; then it is the same scan again, whose first outcome stands.
            var scan = await grid.CallAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, $"{VenueId}/door-1"), Scan);
            Assert.Equal(HttpStatusCode.OK, scan.Status);
            seen.Add(scan.Text);
            return string.Join('\n', seen);
        }
    }
}
