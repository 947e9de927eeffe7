using Grid.Scans;
using Grid.Silo.Transfer;
using Grid.Tests.Fixtures;
using Grid.Tests.Stores;

namespace Grid.Tests.Transfer;

/// <summary>Exports a store to a file, and imports it into an empty store of the same or the other kind.</summary>
[Collection(PostgresCollection.Name)]
public sealed class TransferTests(PostgresServer server) : IDisposable
{
    private const int Grains = 300;

    private readonly TemporaryFolder _folder = new();
    private readonly List<StoreHouse> _houses = [];

    private string FilePath => Path.Combine(_folder.Path, "city.export");

    [Fact]
    public Task A_folder_moves_to_a_folder() => Moves(NewFolder(), NewFolder());

    [PostgresFact]
    public Task A_folder_moves_to_databases() => Moves(NewFolder(), NewDatabases(3));

    [PostgresFact]
    public Task Databases_move_to_a_folder() => Moves(NewDatabases(2), NewFolder());

    [PostgresFact]
    public Task Databases_move_to_another_number_of_databases() => Moves(NewDatabases(2), NewDatabases(1));

    [Fact]
    public async Task A_file_that_is_damaged_anywhere_is_refused_before_anything_is_written()
    {
        var source = NewFolder();
        await Fill(source, grains: 20);
        Export(source);
        var bytes = await File.ReadAllBytesAsync(FilePath);
        var lines = bytes.Count(static each => each == '\n');
        Assert.True(lines > 40);
        var target = NewFolder();
        var random = new Random(5);
        List<byte[]> damaged = [bytes[..^1], [], [.. bytes, (byte)10], [.. bytes, .. bytes]];
        for (var time = 0; time < 60; time++)
        {
            damaged.Add(bytes[..random.Next(bytes.Length)]);
            var turned = bytes.ToArray();
            turned[random.Next(turned.Length)] ^= (byte)(1 << random.Next(8));
            damaged.Add(turned);
        }

        // A whole line is missing or duplicated.
        var line = Array.IndexOf(bytes, (byte)'\n', bytes.Length / 2) + 1;
        var next = Array.IndexOf(bytes, (byte)'\n', line) + 1;
        damaged.Add([.. bytes[..line], .. bytes[next..]]);
        damaged.Add([.. bytes[..next], .. bytes[line..]]);
        foreach (var each in damaged)
        {
            await File.WriteAllBytesAsync(FilePath, each);
            var exception = Assert.Throws<StoreException>(() => Import(target));
            Assert.Contains(
                exception.Code,
                new[] { StoreErrorCodes.Damaged, StoreErrorCodes.SchemaNewer, StoreErrorCodes.Invalid }
            );
            Assert.Empty(Place(target).Kinds());
        }

        await File.WriteAllBytesAsync(FilePath, bytes);
        Assert.Equal(20, Import(target).States.Sum(static kind => kind.Rows));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        var source = NewFolder();
        await Fill(source, grains: 2);
        Export(source);
        await File.WriteAllTextAsync(
            FilePath,
            (await File.ReadAllTextAsync(FilePath)).Replace("\"version\":1,\"at\"", "\"version\":2,\"at\"")
        );
        Assert.Equal(StoreErrorCodes.SchemaNewer, Assert.Throws<StoreException>(() => Import(NewFolder())).Code);
    }

    [PostgresFact]
    public async Task A_store_that_is_not_empty_refuses_an_import()
    {
        var source = NewFolder();
        await Fill(source, grains: 2);
        Export(source);
        foreach (var target in Both())
        {
            await target.Visits.AppendAsync(StoreHouse.Visit("one", TimeProvider.System.GetUtcNow()));
            Assert.Contains("not empty", Assert.Throws<StoreException>(() => Import(target)).Message);
        }
    }

    [PostgresFact]
    public void A_half_filled_store_cannot_be_opened()
    {
        foreach (var target in Both())
        {
            Place(target).BeginFilling();
            Assert.Contains("broken off", Assert.Throws<StoreException>(() => target.Open()).Message);
        }
    }

    [Fact]
    public async Task Missing_keys_are_reported_before_anything_is_written()
    {
        var source = NewFolder();
        await Fill(source, grains: 2);
        StoreTransfer.Export(Place(source), FilePath, ["pepper:1:a", "profile:1:b"], TimeProvider.System.GetUtcNow());
        var target = NewFolder();
        var exception = Assert.Throws<StoreException>(() =>
            StoreTransfer.Import(Place(target), FilePath, ["pepper:1:a", "profile:1:other"])
        );
        Assert.Contains("keys", exception.Message);
        StoreTransfer.Import(Place(target), FilePath, ["profile:2:c", "profile:1:b", "pepper:1:a"]);
    }

    [Fact]
    public async Task An_export_overwrites_nothing()
    {
        var source = NewFolder();
        await Fill(source, grains: 2);
        await File.WriteAllTextAsync(FilePath, "precious");
        Assert.Throws<StoreException>(() => Export(source));
        Assert.Equal("precious", await File.ReadAllTextAsync(FilePath));
    }

    public void Dispose()
    {
        _houses.ForEach(static house => house.Dispose());
        _folder.Dispose();
    }

    private async Task Moves(StoreHouse source, StoreHouse target)
    {
        await Fill(source, Grains);
        var before = Content(source);
        Assert.Equal(2, before.States.GroupBy(static state => state.Split('|')[0]).Count());
        var report = Export(source);
        Assert.Equal(
            (before.States.Length, (long)before.Visits.Length),
            ((int)report.States.Sum(static kind => kind.Rows), report.Visits)
        );
        Assert.Equivalent(report, Import(target));

        Assert.Equal(before.States, Content(target).States);
        Assert.Equal(before.Visits, Content(target).Visits);
        target.Open();
        // The import continues the original: versions, pending work, recorded scans.
        var grain = StoreHouse.InPartition(3, 3);
        var read = await target.Read(grain);
        Assert.Equal("2", read.ETag);
        await target.Write(grain, read);
        Assert.Equal("3", read.ETag);
        Assert.Equal(
            await source.States.PendingAsync().OrderBy(static each => each).ToArrayAsync(),
            await target.States.PendingAsync().OrderBy(static each => each).ToArrayAsync()
        );
        foreach (var visit in Place(source).Visits().Take(20))
            Assert.Equal(VisitStatus.Replayed, (await target.Visits.AppendAsync(visit)).Status);
    }

    private static async Task Fill(StoreHouse house, int grains)
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, grains)
                .Select(async number =>
                {
                    var grain =
                        number % 2 == 0
                            ? GrainId.Create("note", $"键 {number}")
                            : StoreHouse.InPartition(number * 37 % 1_024, number);
                    var state = StoreHouse.New($"text \"{number}\"", left: number % 7 == 0);
                    await house.Write(grain, state);
                    if (number % 5 == 0)
                        await house.Write(grain, state);
                })
        );
        if (grains < Grains)
            await house.Visits.AppendManyAsync([
                .. Enumerable
                    .Range(0, 30)
                    .Select(static number => StoreHouse.Visit($"scan {number}", TimeProvider.System.GetUtcNow())),
            ]);
        else
            await FillFully(house);
    }

    private static async Task FillFully(StoreHouse house)
    {
        var twice = StoreHouse.New("twice");
        await house.Write(StoreHouse.InPartition(3, 3), twice);
        await house.Write(StoreHouse.InPartition(3, 3), twice);
        var cleared = StoreHouse.New("cleared");
        await house.Write(StoreHouse.InPartition(4, 4), cleared);
        await house.States.ClearStateAsync("note", StoreHouse.InPartition(4, 4), cleared);
        await house.States.WriteStateAsync(
            "other",
            GrainId.Create("second", "one"),
            new GrainState<byte[]>([0, 255, 10, 13])
        );
        var now = TimeProvider.System.GetUtcNow();
        for (var day = 0; day < 4; day++)
        {
            var at = now.AddDays(-day);
            await house.Visits.AppendManyAsync([
                .. Enumerable
                    .Range(0, 200)
                    .Select(number =>
                        StoreHouse.Visit(
                            (number % 3) switch
                            {
                                0 => Guid.CreateVersion7(at).ToString("D"),
                                1 => Guid.NewGuid().ToString("D").ToUpperInvariant(),
                                _ => $"门 {day} {number}",
                            },
                            at,
                            content: ulong.MaxValue - (ulong)number
                        )
                    ),
            ]);
        }
    }

    private static (string[] States, string[] Visits) Content(StoreHouse house)
    {
        var place = Place(house);
        return (
            [
                .. place
                    .Kinds()
                    .SelectMany(kind =>
                        place
                            .States(kind)
                            .Select(state =>
                                $"{kind.Grain}:{kind.State}|{state.Key}|{state.Version}|{state.Pending}|"
                                + Convert.ToHexString(state.Bytes)
                            )
                    )
                    .Order(StringComparer.Ordinal),
            ],
            [
                .. place
                    .Visits()
                    .Select(static visit =>
                        (
                            visit with
                            {
                                // One store keeps microseconds, the other milliseconds.
                                RecordedAt = DateTimeOffset.FromUnixTimeMilliseconds(
                                    visit.RecordedAt.ToUnixTimeMilliseconds()
                                ),
                            }
                        ).ToString()
                    )
                    .Order(StringComparer.Ordinal),
            ]
        );
    }

    private TransferReport Export(StoreHouse house) =>
        StoreTransfer.Export(Place(house), FilePath, [], TimeProvider.System.GetUtcNow());

    private TransferReport Import(StoreHouse house) => StoreTransfer.Import(Place(house), FilePath, []);

    private static ITransferStore Place(StoreHouse house) =>
        house switch
        {
            SqliteHouse folder => new SqliteTransfer(folder.Store),
            PostgresHouse databases => new PostgresTransfer(databases.Store, null),
            _ => throw new InvalidOperationException(),
        };

    private IEnumerable<StoreHouse> Both() => [NewFolder(), NewDatabases(2)];

    private StoreHouse NewFolder() => Opened(new SqliteHouse());

    private StoreHouse NewDatabases(int number) => Opened(new PostgresHouse(server, number));

    private StoreHouse Opened(StoreHouse house)
    {
        _houses.Add(house);
        return house.Open();
    }
}
