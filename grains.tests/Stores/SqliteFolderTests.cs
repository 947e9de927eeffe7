using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Stores;

public sealed class SqliteFolderTests : IDisposable
{
    private readonly SqliteHouse _house = new();

    /// <summary>SQLite before 3.51.3 could corrupt its log; 3.35.5 had known vulnerabilities.</summary>
    [Fact]
    public void The_SQLite_library_has_no_known_bugs()
    {
        _house.Open();
        Assert.True(
            SQLitePCL.raw.sqlite3_libversion_number() >= 3_051_003,
            SQLitePCL.raw.sqlite3_libversion().utf8_to_string()
        );
    }

    [Fact]
    public async Task The_number_of_files_is_fixed_when_the_folder_is_made()
    {
        _house.Options.Sqlite.Files = 3;
        _house.Open();
        var grains = Enumerable.Range(0, 64).Select(number => StoreHouse.InPartition(number * 16, number)).ToArray();
        foreach (var grain in grains)
            await _house.Write(grain, StoreHouse.New("three"));
        _house.Options.Sqlite.Files = 8;
        _house.Open();
        Assert.Equal(3, _house.Store.Files.Count);
        foreach (var grain in grains)
            Assert.Equal("three", (await _house.Read(grain)).State!.Text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(64)]
    public void Files_cut_the_partitions_without_a_gap(int files)
    {
        for (var file = 0; file < files; file++)
        {
            var first = SqliteOptions.FirstPartitionOf(file, files);
            Assert.Equal(file, SqliteOptions.FileOf(first, files));
            if (first > 0)
                Assert.Equal(file - 1, SqliteOptions.FileOf(first - 1, files));
        }

        Assert.Equal(1_024, SqliteOptions.FirstPartitionOf(files, files));
    }

    [Fact]
    public void A_second_writer_of_the_folder_is_refused_until_the_first_closes()
    {
        _house.Open();
        Assert.Equal(StoreErrorCodes.InUse, Assert.Throws<StoreException>(() => _house.Another()).Code);
        _house.Close();
        _house.Another().Dispose();
    }

    [Fact]
    public void A_file_of_a_newer_schema_is_refused_and_unchanged()
    {
        _house.Open();
        _house.Close();
        using (var database = Raw())
            database.Execute("PRAGMA user_version = 99");
        var exception = Assert.Throws<StoreException>(() => _house.Another());
        Assert.Equal(StoreErrorCodes.SchemaNewer, exception.Code);
        Assert.Contains("99", exception.Message, StringComparison.Ordinal);
        using (var database = Raw())
            Assert.Equal(99, database.Scalar("PRAGMA user_version"));
    }

    [Fact]
    public void A_folder_of_a_newer_layout_is_refused_before_any_file_is_created()
    {
        Directory.CreateDirectory(_house.Options.Sqlite.Folder);
        File.WriteAllText(
            Path.Combine(_house.Options.Sqlite.Folder, SqliteManifest.FileName),
            """{"layout":3,"files":4,"pageBytes":2048,"more":1}"""
        );
        Assert.Equal(StoreErrorCodes.SchemaNewer, Assert.Throws<StoreException>(() => _house.Another()).Code);
        Assert.Empty(Directory.GetFiles(_house.Options.Sqlite.Folder, "*.db"));
    }

    [Fact]
    public void A_folder_of_0_1_is_refused_with_advice_and_unchanged()
    {
        Directory.CreateDirectory(_house.Options.Sqlite.Folder);
        var manifest = Path.Combine(_house.Options.Sqlite.Folder, SqliteManifest.FileName);
        File.WriteAllText(manifest, """{"layout":1,"files":1,"pageBytes":2048}""");
        using (
            var old = new SqliteDatabase(_house.FilePath(), readOnly: false, TimeSpan.FromSeconds(5), mayCreate: true)
        )
            old.Execute(
                "CREATE TABLE owner (one INTEGER PRIMARY KEY, epoch INTEGER); INSERT INTO owner VALUES (1, 3); "
                    + "PRAGMA user_version = 2"
            );
        var before = File.ReadAllBytes(_house.FilePath());
        // Without its manifest too: the file itself has the version.
        foreach (var hasManifest in new[] { true, false })
        {
            if (!hasManifest)
                File.Delete(manifest);
            _house.Options.Sqlite.Files = 1;
            var exception = Assert.Throws<StoreException>(() => _house.Another());
            Assert.Equal(StoreErrorCodes.SchemaOlder, exception.Code);
            Assert.Contains("Name an empty folder", exception.Message, StringComparison.Ordinal);
        }

        using var file = new SqliteDatabase(_house.FilePath(), readOnly: true, TimeSpan.FromSeconds(5));
        Assert.Equal(3, file.Scalar("SELECT epoch FROM owner"));
    }

    [Fact]
    public async Task A_missing_or_empty_file_stops_the_start()
    {
        _house.Open();
        await _house.Write(StoreHouse.InPartition(0, 1), StoreHouse.New("kept"));
        _house.Close();
        foreach (var lost in Directory.GetFiles(_house.Options.Sqlite.Folder, "grid-00.db*"))
            File.Move(lost, lost.Replace("grid-00", "aside", StringComparison.Ordinal));
        Assert.Equal(StoreErrorCodes.Damaged, Assert.Throws<StoreException>(() => _house.Another()).Code);
        Assert.False(File.Exists(_house.FilePath()));
        File.WriteAllBytes(_house.FilePath(), []);
        Assert.Equal(StoreErrorCodes.Damaged, Assert.Throws<StoreException>(() => _house.Another()).Code);
        File.Delete(_house.FilePath());
        foreach (var found in Directory.GetFiles(_house.Options.Sqlite.Folder, "aside.db*"))
            File.Move(found, found.Replace("aside", "grid-00", StringComparison.Ordinal));
        _house.Open();
        Assert.Equal("kept", (await _house.Read(StoreHouse.InPartition(0, 1))).State!.Text);
    }

    [Fact]
    public void Swapped_files_are_refused()
    {
        _house.Options.Sqlite.Files = 3;
        _house.Open();
        _house.Close();
        File.Move(_house.FilePath(1), _house.FilePath(1) + ".aside");
        File.Move(_house.FilePath(2), _house.FilePath(1));
        File.Move(_house.FilePath(1) + ".aside", _house.FilePath(2));
        var exception = Assert.Throws<StoreException>(() => _house.Another());
        Assert.Equal(StoreErrorCodes.Invalid, exception.Code);
        Assert.Contains("file 2 of 3", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_only_folder_is_not_reported_as_in_use()
    {
        _house.Open();
        _house.Close();
        // A directory in place of the lock file can't be opened for writing, even by root.
        var path = Path.Combine(_house.Options.Sqlite.Folder, "owner.lock");
        File.Delete(path);
        Directory.CreateDirectory(path);
        var exception = Assert.Throws<StoreException>(() => _house.Another());
        Assert.Equal(StoreErrorCodes.Unavailable, exception.Code);
        Assert.Contains("can't be written", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"layout":2,"files":0,"pageBytes":2048}""")]
    public void An_invalid_manifest_is_named(string text)
    {
        Directory.CreateDirectory(_house.Options.Sqlite.Folder);
        File.WriteAllText(Path.Combine(_house.Options.Sqlite.Folder, SqliteManifest.FileName), text);
        Assert.Equal(StoreErrorCodes.Invalid, Assert.Throws<StoreException>(() => _house.Another()).Code);
    }

    [Fact]
    public void A_file_that_is_not_a_database_is_named_and_the_folder_is_released()
    {
        _house.Options.Sqlite.Files = 3;
        _house.Open();
        _house.Close();
        var whole = _house.FilePath(2) + ".whole";
        File.Copy(_house.FilePath(2), whole);
        File.WriteAllText(_house.FilePath(2), string.Join('\n', Enumerable.Repeat("this is no database", 500)));
        var exception = Assert.Throws<StoreException>(() => _house.Another());
        Assert.Equal(StoreErrorCodes.Damaged, exception.Code);
        Assert.Contains(_house.FilePath(2), exception.Message, StringComparison.Ordinal);
        File.Move(whole, _house.FilePath(2), overwrite: true);
        _house.Another().Dispose();
    }

    [Fact]
    public async Task An_older_schema_is_migrated_with_its_records()
    {
        var grain = StoreHouse.Fresh();
        _house.Open();
        await _house.Write(grain, StoreHouse.New("older"));
        _house.Close();
        // A future schema with one more step.
        _house.Schema = new SqliteSchema([
            .. SqliteSchema.Current.Steps,
            "CREATE TABLE later (x); INSERT INTO later VALUES (7);",
        ]);
        _house.Open();
        Assert.Equal("older", (await _house.Read(grain)).State!.Text);
        _house.Open();
        _house.Close();
        using (var database = Raw())
        {
            Assert.Equal(_house.Schema.Version, database.Scalar("PRAGMA user_version"));
            Assert.Equal(1, database.Scalar("SELECT count(*) FROM later WHERE x = 7"));
        }

        // The former version now refuses the file.
        _house.Schema = SqliteSchema.Current;
        Assert.Equal(StoreErrorCodes.SchemaNewer, Assert.Throws<StoreException>(() => _house.Another()).Code);
    }

    [Fact]
    public void A_migration_that_fails_half_way_leaves_the_older_schema()
    {
        _house.Open();
        _house.Close();
        var current = SqliteSchema.Current;
        _house.Schema = new SqliteSchema([.. current.Steps, "CREATE TABLE later (x)", "CREATE TABLE nonsense ("]);
        Assert.Equal(StoreErrorCodes.Unavailable, Assert.Throws<StoreException>(() => _house.Another()).Code);
        using (var database = Raw())
        {
            Assert.Equal(current.Version, database.Scalar("PRAGMA user_version"));
            Assert.Equal(0, database.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'later'"));
        }

        _house.Schema = current;
        _house.Another().Dispose();
    }

    [Fact]
    public async Task A_folder_copied_during_writes_has_every_answered_write()
    {
        _house.Options.Sqlite.Files = 1;
        _house.Open();
        var grains = Enumerable.Range(0, 200).Select(_ => StoreHouse.Fresh()).ToArray();
        await Task.WhenAll(grains.Select(grain => _house.Write(grain, StoreHouse.New("answered"))));

        // The store is still open, as after a kill.
        using var after = new SqliteHouse();
        CopyFolder(_house.Options.Sqlite.Folder, after.Options.Sqlite.Folder);
        after.Open();
        foreach (var grain in grains)
            Assert.Equal("answered", (await after.Read(grain)).State!.Text);
    }

    [Fact]
    public async Task A_torn_log_loses_only_unanswered_writes()
    {
        _house.Options.Sqlite.Files = 1;
        _house.Open();
        var kept = StoreHouse.Fresh();
        await _house.Write(kept, StoreHouse.New("kept"));
        var wal = _house.FilePath() + "-wal";
        var length = new FileInfo(wal).Length;
        var last = StoreHouse.Fresh();
        await _house.Write(last, StoreHouse.New("torn"));
        Assert.True(new FileInfo(wal).Length > length, "the second write added nothing to the log");

        using var after = new SqliteHouse();
        CopyFolder(_house.Options.Sqlite.Folder, after.Options.Sqlite.Folder);
        using (var torn = new FileStream(after.FilePath() + "-wal", FileMode.Open))
            torn.SetLength(length + ((torn.Length - length) / 2));
        after.Open();
        Assert.Equal("kept", (await after.Read(kept)).State!.Text);
        Assert.Null((await after.Read(last)).ETag);
        await after.Write(last, StoreHouse.New("again"));
        Assert.Equal("again", (await after.Read(last)).State!.Text);
    }

    [Theory]
    [InlineData("Grid:Store:MaxGroupRows", "0")]
    [InlineData("Grid:Store:MaxQueueRows", "0")]
    [InlineData("Grid:Store:VisitRetentionDays", "1")]
    [InlineData("Grid:Store:WriteTimeout", "00:00:00")]
    [InlineData("Grid:Store:Sqlite:Files", "0")]
    [InlineData("Grid:Store:Sqlite:Files", "65")]
    [InlineData("Grid:Store:Sqlite:PageBytes", "3000")]
    [InlineData("Grid:Store:Sqlite:PageBytes", "256")]
    [InlineData("Grid:Store:Sqlite:CheckpointPages", "1")]
    [InlineData("Grid:Store:Postgres:Writers", "0")]
    public void A_wrong_setting_is_named(string name, string value)
    {
        var data = Path.GetDirectoryName(_house.Options.Sqlite.Folder)!;
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new(name, value)]).Build();
        using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(settings)
            .AddGridStores(settings, data)
            .BuildServiceProvider();
        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<SqliteStore>());
        Assert.Contains(name[(name.LastIndexOf(':') + 1)..], refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_house.Options.Sqlite.Folder));
    }

    public void Dispose() => _house.Dispose();

    private SqliteDatabase Raw() => new(_house.FilePath(), readOnly: false, TimeSpan.FromSeconds(5));

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            if (Path.GetExtension(file) is ".db" or ".db-wal" or ".json")
                CopyFile(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private static void CopyFile(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var target = File.Create(to);
        source.CopyTo(target);
    }
}
