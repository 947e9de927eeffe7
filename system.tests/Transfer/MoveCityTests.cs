using System.Net;
using Grid.Gateway.Commands;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Transfer;

/// <summary>
/// A city moves from its data folder to PostgreSQL and back by the program's commands, without visible change.
/// </summary>
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
        // In use: a copy would be inconsistent, and a second grid would serve the same people.
        Assert.Equal(
            1,
            await GatewayCommands.RunAsync(["export", Path.Combine(_folder.Path, "busy"), .. second.Arguments])
        );
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
        Assert.Equal(0, await GatewayCommands.RunAsync(["export", file, .. from.Arguments]));
        // Without the keys no resident could be found: the import is refused, and no new keys are created.
        Assert.Equal(1, await GatewayCommands.RunAsync(["import", file, .. to.Arguments]));
        Directory.CreateDirectory(Path.Combine(to.Data, "keys"));
        foreach (var key in Directory.GetFiles(Path.Combine(from.Data, "keys")))
            File.Copy(key, Path.Combine(to.Data, "keys", Path.GetFileName(key)), overwrite: true);
        Assert.Equal(0, await GatewayCommands.RunAsync(["import", file, .. to.Arguments]));
        Assert.Equal(1, await GatewayCommands.RunAsync(["import", file, .. to.Arguments]));
    }

    /// <summary>A few residents with a result, a dose and scans.</summary>
    private sealed record City(Resident[] Residents, string VenueId, string ScanId, string Code)
    {
        internal static async Task<City> FoundAsync(GridHost grid)
        {
            var residents = new Resident[3];
            for (var index = 0; index < residents.Length; index++)
                residents[index] = await grid.RegisterAsync();
            var venueId = await grid.VenueAsync(new { maxTestAgeHours = 72 });
            var (tubeId, now) = ($"tube-{Guid.NewGuid():N}", TimeProvider.System.GetUtcNow());
            await grid.Client.OpenTubeAsync(tubeId, 5);
            foreach (var resident in residents)
                await grid.Client.AddSampleAsync(tubeId, resident.Id, now.AddMinutes(-90));
            await grid.Client.SealAsync(tubeId);
            var result = await grid.Client.ResultAsync(tubeId, 1, "negative", now.AddMinutes(-5));
            Assert.Equal(HttpStatusCode.Accepted, result.Status);
            var dose = new
            {
                recordId = $"dose-{Guid.NewGuid():N}",
                residentId = residents[0].Id,
                product = "CoronaVac",
                dose = 1,
                at = now.AddDays(-90),
            };
            Assert.Equal(HttpStatusCode.Created, (await grid.Client.VaccinateAsync(dose)).Status);
            return new City(residents, venueId, Guid.NewGuid().ToString(), await grid.CodeAsync(residents[0]));
        }

        /// <summary>Everything that users see, except what changes with time.</summary>
        internal async Task<string> SeenAsync(GridHost grid)
        {
            var seen = new List<string>();
            foreach (var resident in Residents)
            {
                var display = (await grid.Client.DisplayAsync(resident.Token)).Json;
                foreach (var member in new[] { "residentId", "name", "colour", "vaccination", "causes" })
                    seen.Add(display.GetProperty(member).GetRawText());
                seen.Add(display.GetProperty("test").GetProperty("result").GetRawText());
                var history = await grid.Client.HistoryAsync(resident.Token);
                Assert.Equal(HttpStatusCode.OK, history.Status);
                seen.Add(history.Text);
            }

            // The first call records the scan; a repeat returns the first outcome.
            var scan = await grid.Client.ScanAsync(VenueId, ScanId, Code);
            Assert.Equal(HttpStatusCode.OK, scan.Status);
            seen.Add(scan.Text);
            return string.Join('\n', seen);
        }
    }
}
