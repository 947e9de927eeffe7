using System.Diagnostics;
using System.Net;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

/// <summary>The whole grid on a PostgreSQL server that stalls for a while, or is killed and restarted.</summary>
[Collection(PostgresCollection.Name)]
public sealed class DatabaseStallTests(PostgresServer server)
{
    private const int MembersPerTube = 10;
    private const int ScansPerBatch = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // The store's timeout in this test, plus the delay of a busy machine.
    private static readonly TimeSpan MaxAnswer = TimeSpan.FromSeconds(6);

    [PostgresFact]
    public async Task While_the_database_stalls_displays_go_on_and_nothing_is_half_done()
    {
        string[] databases = [server.CreateDatabase(), server.CreateDatabase()];
        await using var grid = Grid(databases);
        await grid.StartAsync();
        try
        {
            await Stall(grid, databases, server.Freeze, server.Thaw);
        }
        finally
        {
            server.Thaw();
        }
    }

    [PostgresFact]
    public async Task While_the_database_is_dead_displays_go_on_and_nothing_is_half_done()
    {
        // A server of its own: the other tests continue.
        using var mortal = new PostgresServer();
        string[] databases = [mortal.CreateDatabase(), mortal.CreateDatabase()];
        await using var grid = Grid(databases);
        await grid.StartAsync();
        await Stall(grid, databases, mortal.Kill, mortal.Start);
    }

    private static GridHost Grid(string[] databases) =>
        new()
        {
            Settings =
            {
                ["Grid:Postgres:0"] = databases[0],
                ["Grid:Postgres:1"] = databases[1],
                ["Grid:Store:WriteTimeout"] = "00:00:01",
                ["Grid:Store:Postgres:ReadTimeout"] = "00:00:01",
            },
        };

    private static async Task Stall(GridHost grid, string[] databases, Action stop, Action goOn)
    {
        // Their ids are random: some are in each of the two databases.
        var residents = new Resident[MembersPerTube];
        for (var index = 0; index < residents.Length; index++)
            residents[index] = await grid.RegisterAsync();
        var resident = residents[0];
        var venueId = await grid.VenueAsync(new { });
        var tubeId = await SealedTubeAsync(grid, residents);
        var (scanId, code) = (Guid.NewGuid().ToString(), await grid.CodeAsync(resident));

        stop();
        Assert.Equal("sampled", (await grid.DisplayAsync(resident)).Test.State);
        await RefusedForNow(ScanAsync(grid, venueId, scanId, code));
        await RefusedForNow(ResultAsync(grid, tubeId));
        var batch = Enumerable
            .Range(0, ScansPerBatch)
            .Select(_ => new
            {
                scanId = Guid.NewGuid().ToString(),
                venueId,
                token = code,
            })
            .ToArray();
        await RefusedForNow(BatchAsync(grid, venueId, batch));
        // Shown from memory, as last committed.
        Assert.Equal("sampled", (await grid.DisplayAsync(resident)).Test.State);
        await RefusedForNow(ScanAsync(grid, venueId, scanId, code));

        goOn();
        var scan = await Answered(() => ScanAsync(grid, venueId, scanId, code));
        Assert.Equal(HttpStatusCode.OK, scan.Status);
        Assert.Equal(scan.Text, (await ScanAsync(grid, venueId, scanId, code)).Text);
        var scans = await Answered(() => BatchAsync(grid, venueId, batch));
        Assert.Equal(batch.Select(static each => each.scanId), scans.Value.Select(static each => each.ScanId));
        var result = await Answered(() => ResultAsync(grid, tubeId));
        Assert.Contains(result.Status, new[] { HttpStatusCode.OK, HttpStatusCode.Accepted });
        Assert.Equal("applied", result.Value.State);
        Assert.Equal(HttpStatusCode.OK, (await ResultAsync(grid, tubeId)).Status);
        foreach (var member in residents)
        {
            Assert.Equal("resulted", (await grid.DisplayAsync(member)).Test.State);
            Assert.Single((await grid.Client.HistoryAsync(member.Token)).Value.Results);
        }

        Assert.Equal(
            1L + ScansPerBatch,
            databases.Sum(static database => PostgresServer.Scalar<long>(database, "SELECT count(*) FROM visits"))
        );
        // New people too, after the dead server's connections are detected.
        var person = GridHost.NewPerson();
        var registered = await Answered(() => grid.Client.RegisterAsync(person));
        Assert.Contains(registered.Status, new[] { HttpStatusCode.Created, HttpStatusCode.OK });
    }

    private static async Task RefusedForNow<TAnswer>(Task<TAnswer> call)
        where TAnswer : Answer
    {
        var watch = Stopwatch.StartNew();
        var answer = await call;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Contains(answer.Code, new[] { "store-unavailable", "timeout" });
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, MaxAnswer);
    }

    private static Task<TAnswer> Answered<TAnswer>(Func<Task<TAnswer>> call)
        where TAnswer : Answer => Waiting.AnsweredAsync(call, "the database is back", Patience);

    private static async Task<string> SealedTubeAsync(GridHost grid, Resident[] residents)
    {
        var tubeId = $"tube-{Guid.NewGuid():N}";
        await grid.Client.OpenTubeAsync(tubeId, MembersPerTube);
        var collectedAt = TimeProvider.System.GetUtcNow().AddMinutes(-90);
        foreach (var resident in residents)
        {
            var added = await grid.Client.AddSampleAsync(tubeId, resident.Id, collectedAt);
            Assert.Equal(HttpStatusCode.OK, added.Status);
        }

        await grid.Client.SealAsync(tubeId);
        return tubeId;
    }

    private static readonly DateTimeOffset TestedAt = TimeProvider.System.GetUtcNow().AddMinutes(-5);

    private static Task<Answer<ReceiptReply>> ResultAsync(GridHost grid, string tubeId) =>
        grid.Client.ResultAsync(tubeId, 1, "negative", TestedAt);

    private static Task<Answer<ScanReply>> ScanAsync(GridHost grid, string venueId, string scanId, string token) =>
        grid.Client.ScanAsync(venueId, scanId, token);

    private static Task<Answer<ScanEntryReply[]>> BatchAsync(GridHost grid, string venueId, object scans) =>
        grid.Client.ScanBatchAsync(venueId, scans);
}
