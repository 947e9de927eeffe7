using System.Collections.Concurrent;
using Grid.Scans;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Grid.Tests.Stores;

/// <summary>What only the PostgreSQL store has: databases, schema, several processes at once, tables of days.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresStoreTests(PostgresServer server) : IDisposable
{
    private readonly PostgresHouse? _house = PostgresServer.Binaries is null ? null : new PostgresHouse(server);

    private PostgresHouse House => _house!;

    [PostgresFact]
    public void A_database_of_a_newer_schema_is_refused()
    {
        House.Open();
        PostgresServer.Execute(House.Options.Postgres.Databases[1], "UPDATE grid_store SET schema = schema + 1");
        Assert.Equal(StoreErrorCodes.SchemaNewer, Assert.Throws<StoreException>(() => House.Open()).Code);
    }

    [PostgresFact]
    public void A_database_of_0_1_is_refused_with_advice_and_left_unchanged()
    {
        PostgresServer.Execute(
            House.Options.Postgres.Databases[0],
            """
            CREATE TABLE grid_store
                (one boolean PRIMARY KEY, schema int NOT NULL, number int NOT NULL, databases int NOT NULL);
            INSERT INTO grid_store VALUES (true, 3, 0, 2);
            """
        );
        var exception = Assert.Throws<StoreException>(() => House.Open());
        Assert.Equal(StoreErrorCodes.SchemaOlder, exception.Code);
        Assert.Contains("empty database", exception.Message, StringComparison.Ordinal);
        Assert.Equal(
            1L,
            PostgresServer.Scalar<long>(
                House.Options.Postgres.Databases[0],
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            )
        );
        Assert.Equal(
            3,
            PostgresServer.Scalar<int>(House.Options.Postgres.Databases[0], "SELECT schema FROM grid_store")
        );
    }

    [PostgresFact]
    public async Task Two_processes_that_append_the_same_visits_at_once_record_each_once_and_get_the_same_receipt()
    {
        var noon = new DateTimeOffset(2026, 1, 4, 12, 0, 0, TimeSpan.FromHours(8));
        string[] ids =
        [
            .. Enumerable
                .Range(0, 300)
                .Select(number => number % 3 == 0 ? $"gate-7/{number}" : Guid.CreateVersion7(noon).ToString("D")),
        ];
        await Race(ids, _ => noon);
    }

    [PostgresFact]
    public async Task Two_processes_on_both_sides_of_midnight_record_an_id_that_names_no_day_once()
    {
        var midnight = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.FromHours(8));
        string[] ids = [.. Enumerable.Range(0, 300).Select(static number => $"gate-7/{number}")];
        await Race(ids, process => midnight.AddMilliseconds(process == 0 ? -1 : 1));
    }

    [PostgresFact]
    public void Databases_in_another_order_or_number_are_refused()
    {
        House.Open();
        House.Options.Postgres.Databases = [.. House.Options.Postgres.Databases.Reverse()];
        Assert.Equal(StoreErrorCodes.Invalid, Assert.Throws<StoreException>(() => House.Open()).Code);
        House.Options.Postgres.Databases = [House.Options.Postgres.Databases[1]];
        Assert.Equal(StoreErrorCodes.Invalid, Assert.Throws<StoreException>(() => House.Open()).Code);
    }

    [PostgresFact]
    public void An_older_schema_is_migrated_by_its_missing_steps_or_not_at_all()
    {
        var database = server.CreateDatabase();
        using var connection = new NpgsqlConnection($"{database};Pooling=false");
        connection.Open();
        new PostgresSchema("CREATE TABLE first (one int)").Migrate(connection, "test", 0, 1);
        Assert.Throws<PostgresException>(() =>
            new PostgresSchema("CREATE TABLE first (one int)", "CREATE TABLE second (one int)", "nonsense").Migrate(
                connection,
                "test",
                0,
                1
            )
        );
        new PostgresSchema("CREATE TABLE first (one int)", "CREATE TABLE second (one int)").Migrate(
            connection,
            "test",
            0,
            1
        );
        Assert.Equal(2, PostgresServer.Scalar<int>(database, "SELECT schema FROM grid_store"));
        Assert.Equal(0L, PostgresServer.Scalar<long>(database, "SELECT count(*) FROM second"));
    }

    [PostgresFact]
    public async Task A_newer_version_migrates_a_store_in_use_and_an_older_one_cannot_open_it_again()
    {
        var now = TimeProvider.System.GetUtcNow();
        House.Open();
        var grain = StoreHouse.Fresh();
        var state = StoreHouse.New("older");
        await House.Write(grain, state);
        await House.Visits.AppendAsync(StoreHouse.Visit("older", now));
        var older = House.Schema;
        House.Schema = new PostgresSchema([
            .. older.Steps,
            "CREATE TABLE later (one int); INSERT INTO later VALUES (7)",
        ]);
        // Like silo -- migrate while silos of the older version serve.
        using (var newer = House.Another())
        {
            Assert.All(House.Options.Postgres.Databases, each =>
                Assert.Equal(older.Version + 1, PostgresServer.Scalar<int>(each, "SELECT schema FROM grid_store"))
            );
            Assert.All(House.Options.Postgres.Databases, static each =>
                Assert.Equal(7, PostgresServer.Scalar<int>(each, "SELECT one FROM later"))
            );
            await House.Write(grain, state);
            Assert.Equal("2", (await House.Read(grain)).ETag);
        }

        House.Schema = older;
        Assert.Equal(StoreErrorCodes.SchemaNewer, Assert.Throws<StoreException>(() => House.Another()).Code);
        House.Schema = new PostgresSchema([.. older.Steps, "never run again"]);
        House.Open();
        Assert.Equal("older", (await House.Read(grain)).State!.Text);
        Assert.Equal(VisitStatus.Replayed, (await House.Visits.AppendAsync(StoreHouse.Visit("older", now))).Status);
    }

    [PostgresFact]
    public async Task Rows_are_in_the_database_of_their_partition()
    {
        House.Open();
        await House.Write(StoreHouse.InPartition(511, 1), StoreHouse.New("low"));
        await House.Write(StoreHouse.InPartition(512, 1), StoreHouse.New("high"));
        foreach (var (number, partition) in new[] { (0, 511), (1, 512) })
        {
            Assert.Equal(
                (short)partition,
                PostgresServer.Scalar<short>(
                    House.Options.Postgres.Databases[number],
                    $"SELECT partition FROM \"{PostgresHouse.NoteTable}\""
                )
            );
        }
    }

    [PostgresFact]
    public async Task A_value_that_cannot_be_stored_fails_alone()
    {
        House.UseOneWriter();
        House.Open();
        var (before, after) = (StoreHouse.Fresh(), StoreHouse.Fresh());
        using (var stop = House.Stop())
        {
            var now = TimeProvider.System.GetUtcNow();
            var poison = Assert.ThrowsAsync<StoreException>(async () =>
                await House.Visits.AppendAsync(StoreHouse.Visit("poison", now, venue: "a\0b"))
            );
            await stop.While([
                House.Write(before, StoreHouse.New("before")),
                poison,
                House.Visits.AppendAsync(StoreHouse.Visit("fine", now)).AsTask(),
                House.Write(after, StoreHouse.New("after")),
            ]);
            Assert.Equal(StoreErrorCodes.Invalid, (await poison).Code);
        }

        Assert.Equal("before", (await House.Read(before)).State!.Text);
        Assert.Equal("after", (await House.Read(after)).State!.Text);
    }

    [PostgresFact]
    public async Task A_value_that_cannot_be_stored_fails_alone_however_often_its_statement_has_run()
    {
        // The driver prepares a statement when it runs for the second time: the failure may come before, during and
        // after that.
        for (var runs = 0; runs < 4; runs++)
        {
            using var house = new PostgresHouse(server);
            house.UseOneWriter();
            house.Open();
            var now = TimeProvider.System.GetUtcNow();
            for (var run = 0; run < runs; run++)
                await Append($"before-{run}", "venue-1");
            var exception = await Assert.ThrowsAsync<StoreException>(() => Append("poison", "a\0b"));
            Assert.Equal(StoreErrorCodes.Invalid, exception.Code);
            Assert.Equal(VisitStatus.Recorded, (await Append("after", "venue-1")).Status);

            Task<VisitReceipt> Append(string id, string venue) =>
                house
                    .Visits.AppendAsync(StoreHouse.Visit(id, now, venue: venue))
                    .AsTask()
                    .WaitAsync(StoreHouse.Patience);
        }
    }

    [PostgresFact]
    public async Task Two_processes_meet_on_the_same_rows_without_harm()
    {
        House.Open();
        using var other = House.Another();
        var (states, visits) = (new GridGrainStorage(other), new PostgresVisitLog(other));
        var now = TimeProvider.System.GetUtcNow();
        var ids = Enumerable.Range(0, 200).Select(number => $"scan-{number}").ToArray();
        var receipts = await Task.WhenAll(
                ids.SelectMany(id =>
                    new[]
                    {
                        House.Visits.AppendAsync(StoreHouse.Visit(id, now)).AsTask(),
                        visits.AppendAsync(StoreHouse.Visit(id, now)).AsTask(),
                    }
                )
            )
            .WaitAsync(StoreHouse.Patience);
        Assert.Equal(200, receipts.Count(static receipt => receipt.Status == VisitStatus.Recorded));
        Assert.Equal(200, receipts.Count(static receipt => receipt.Status == VisitStatus.Replayed));

        var grains = Enumerable.Range(0, 100).Select(_ => StoreHouse.Fresh()).ToArray();
        var won = await Task.WhenAll(
                grains.SelectMany(grain => new[] { Wins(House.States, grain), Wins(states, grain) })
            )
            .WaitAsync(StoreHouse.Patience);
        Assert.Equal(100, won.Count(static each => each));
    }

    [PostgresFact]
    public async Task Tables_of_days_are_created_ahead_and_dropped_after_their_retention()
    {
        var clock = new TestClock();
        House.Options.VisitRetentionDays = 3;
        House.Open();
        var now = clock.GetUtcNow();
        for (var age = 0; age < 6; age++)
            await House.Visits.AppendAsync(StoreHouse.Visit(age.ToString(), now.AddDays(-age)));
        using var days = new PostgresDays(House.Store, NullLogger<PostgresDays>.Instance, clock);
        Assert.True(days.RunOnce() > 0);
        Assert.Equal(0, days.RunOnce());
        Assert.Equal(4, await House.Visits.OfVenueAsync("venue-1", now.AddDays(-30), now.AddDays(1)).CountAsync());
        var ahead = TableNames.OfDay(VisitDay.Add(VisitDay.Of(now), House.Options.Postgres.VisitDaysAhead));
        Assert.Equal(
            0L,
            PostgresServer.Scalar<long>(House.Options.Postgres.Databases[1], $"SELECT count(*) FROM {ahead}")
        );
    }

    public void Dispose() => _house?.Dispose();

    // Appends each id from both processes, singly and in batches, all at once.
    private async Task Race(string[] ids, Func<int, DateTimeOffset> now)
    {
        House.Open();
        using var other = House.Another();
        GroupedVisitLog[] logs = [House.Visits, new PostgresVisitLog(other)];
        var receipts = new ConcurrentBag<VisitReceipt>();
        await Task.WhenAll(
                logs.SelectMany(
                    (log, process) =>
                        ids.Chunk(10)
                            .Select(chunk =>
                                Task.Run(async () =>
                                {
                                    // Each process names another device for the same scan, and in the opposite order,
                                    // so that the transactions lock the same rows crosswise.
                                    var visits = (process == 0 ? chunk : chunk.Reverse())
                                        .Select(id =>
                                            StoreHouse.Visit(id, now(process)) with
                                            {
                                                Device = $"device-{process}",
                                            }
                                        )
                                        .ToArray();
                                    foreach (var receipt in await log.AppendManyAsync(visits[1..]))
                                        receipts.Add(receipt);
                                    receipts.Add(await log.AppendAsync(visits[0]));
                                })
                            )
                )
            )
            .WaitAsync(StoreHouse.Patience);

        Assert.Equal(ids.Length * logs.Length, receipts.Count);
        Assert.All(receipts.GroupBy(static receipt => receipt.Visit.ScanId), static same =>
        {
            Assert.Equal(
                [VisitStatus.Recorded, VisitStatus.Replayed],
                same.Select(static receipt => receipt.Status).Order()
            );
            Assert.Single(same.Select(static receipt => receipt.Visit.Device).Distinct());
        });
        Assert.Equal(
            ids.Length,
            House.Options.Postgres.Databases.Sum(static each =>
                PostgresServer.Scalar<long>(each, "SELECT count(*) FROM visits")
            )
        );
    }

    private static async Task<bool> Wins(GridGrainStorage states, GrainId grain)
    {
        try
        {
            await states.WriteStateAsync("note", grain, StoreHouse.New("first"));
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }
}
