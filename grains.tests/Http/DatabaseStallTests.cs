using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

/// <summary>The whole grid on a PostgreSQL server that stalls for a while.</summary>
[Collection(PostgresCollection.Name)]
public sealed class DatabaseStallTests(PostgresServer server)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // The store's time-out here, and what a busy machine adds to it.
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(6);

    [PostgresFact]
    public async Task While_the_database_stalls_displays_go_on_and_nothing_is_half_done()
    {
        var grid = new GridHost
        {
            Settings =
            [
                "--Grid:Postgres:0", server.CreateDatabase(), "--Grid:Postgres:1", server.CreateDatabase(),
                "--Grid:PostgresStore:WriteTimeout", "00:00:01", "--Grid:PostgresStore:ReadTimeout", "00:00:01",
            ],
        };
        await grid.InitializeAsync();
        try
        {
            await Stall(grid);
        }
        finally
        {
            server.Thaw();
            await grid.DisposeAsync();
        }
    }

    private async Task Stall(GridHost grid)
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { });
        var tubeId = await SealedTubeAsync(grid, resident);
        var (scanId, code) = (Guid.NewGuid().ToString(), await grid.CodeAsync(resident));

        server.Freeze();
        Assert.Equal("sampled", TestOf(await grid.DisplayAsync(resident)));
        await RefusedForNow(ScanAsync(grid, venueId, scanId, code));
        await RefusedForNow(ResultAsync(grid, tubeId));
        // Shown from memory, and still as it was last committed.
        Assert.Equal("sampled", TestOf(await grid.DisplayAsync(resident)));
        await RefusedForNow(ScanAsync(grid, venueId, scanId, code));

        server.Thaw();
        var scan = await Answered(() => ScanAsync(grid, venueId, scanId, code));
        Assert.Equal(HttpStatusCode.OK, scan.Status);
        Assert.Equal(scan.Text, (await ScanAsync(grid, venueId, scanId, code)).Text);
        var result = await Answered(() => ResultAsync(grid, tubeId));
        Assert.Contains(result.Status, new[] { HttpStatusCode.OK, HttpStatusCode.Accepted });
        Assert.Equal("applied", result.Json.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.OK, (await ResultAsync(grid, tubeId)).Status);
        Assert.Equal("resulted", TestOf(await grid.DisplayAsync(resident)));
        // New people too: nothing of the stall is left.
        await grid.RegisterAsync();
    }

    private static async Task RefusedForNow(Task<Answer> call)
    {
        var watch = Stopwatch.StartNew();
        var answer = await call;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Contains(answer.Code, new[] { "store-unavailable", "timeout" });
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, AnswerMax);
    }

    private static async Task<Answer> Answered(Func<Task<Answer>> call)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var answer = await call();
            if (answer.Status != HttpStatusCode.ServiceUnavailable)
                return answer;
            Assert.True(watch.Elapsed < Patience, $"still refused after {Patience}: {answer.Text}");
            await Task.Delay(RetryPause);
        }
    }

    private static async Task<string> SealedTubeAsync(GridHost grid, Resident resident)
    {
        var (tubeId, sampler) = ($"tube-{Guid.NewGuid():N}", grid.Token(Role.Sampler, "site-1"));
        await grid.CallAsync(HttpMethod.Post, "/v1/tubes", sampler, new { tubeId, capacity = 1, siteId = "site-1" });
        var sample = new { residentId = resident.Id, collectedAt = TimeProvider.System.GetUtcNow().AddMinutes(-90) };
        Assert.Equal(HttpStatusCode.OK, (await grid.CallAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/samples", sampler, sample)).Status);
        await grid.CallAsync(HttpMethod.Post, $"/v1/tubes/{tubeId}/seal", sampler);
        return tubeId;
    }

    private static readonly string s_testedAt = TimeProvider.System.GetUtcNow().AddMinutes(-5).ToString("O");

    private static Task<Answer> ResultAsync(GridHost grid, string tubeId) => grid.CallAsync(
        HttpMethod.Post, "/v1/results", grid.Token(Role.Lab, "lab-001"),
        new { tubeId, sequence = 1, method = "rt-pcr", result = "negative", testedAt = s_testedAt });

    private static Task<Answer> ScanAsync(GridHost grid, string venueId, string scanId, string token) => grid.CallAsync(
        HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, $"{venueId}/door-1"), new { scanId, venueId, token });

    private static string? TestOf(JsonElement display) => display.GetProperty("test").GetProperty("state").GetString();
}
