using Grid.Bench.Load.Capacity.History;
using Grid.Codes;
using Grid.Scans;
using Grid.Silo.Stores.Postgres;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using VisitRows = Grid.Bench.Load.Capacity.History.VisitRows;

namespace Grid.Tests.Bench;

[Collection(PostgresCollection.Name)]
public sealed class VisitRowsTests(PostgresServer server)
{
    private static readonly string[] Venues = ["load-1", "load-2"];

    [PostgresFact]
    public async Task Missing_and_duplicated_rows_are_counted()
    {
        var database = server.CreateDatabase();
        var (there, twice, missing) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var store = new ServiceCollection()
            .AddLogging()
            .AddPostgresStores(options =>
            {
                options.Postgres.Databases = [database];
                options.WriteTimeout = TimeSpan.FromSeconds(30);
            });
        await using (var services = store.BuildServiceProvider())
        {
            var log = services.GetRequiredService<IVisitLog>();
            var today = TimeProvider.System.GetUtcNow();
            await log.AppendAsync(Visit(Key(there), today));
            await log.AppendAsync(Visit(Key(twice), today));
        }
        // The store writes no id twice in a day. On another day the row can only come from elsewhere.
        PostgresServer.Execute(
            database,
            $"""
            CREATE TABLE visits_other (LIKE visits INCLUDING ALL);
            ALTER TABLE visits ATTACH PARTITION visits_other FOR VALUES FROM ('2020-01-01') TO ('2020-01-02');
            INSERT INTO visits_other
            SELECT '2020-01-01', scan, at, resident, venue, device, content, reasons, colour, test, name
            FROM visits WHERE scan = decode('00{Key(twice):N}', 'hex');
            """
        );

        var verdict = await VisitRows.CheckAsync(
            database,
            [Scan(there), Scan(twice), Scan(missing)],
            Venues,
            CancellationToken.None
        );

        Assert.Equal(new RowVerdict(Rows: 3, Missing: 1, Doubled: 1), verdict);
        Assert.False(new HistoryVerdict { Rows = verdict }.IsIntact);
    }

    [Fact]
    public void The_time_of_a_scan_id_stays_in_front_of_its_key_and_venues_have_keys_of_their_own()
    {
        var id = Guid.CreateVersion7();
        var (one, two) = (
            VisitRows.KeyOf(new AskedScan(id, [], 0), Venues),
            VisitRows.KeyOf(new AskedScan(id, [], 1), Venues)
        );

        Assert.NotEqual(one, two);
        Assert.Equal((7, id.ToString()[..13]), (one.Version, one.ToString()[..13]));
        Assert.Equal(8, VisitRows.KeyOf(new AskedScan(Guid.NewGuid(), [], 0), Venues).Version);
    }

    private static Guid Key(Guid id) => VisitRows.KeyOf(Scan(id).Asked, Venues);

    private static AnsweredScan Scan(Guid id) => new(new AskedScan(id, [], 0), 0);

    private static Visit Visit(Guid id, DateTimeOffset at) =>
        new(
            id.ToString(),
            "venue",
            "venue/door",
            Guid.NewGuid(),
            1,
            RefusalReasons.None,
            CodeColour.Green,
            default,
            "张*",
            at
        );
}
