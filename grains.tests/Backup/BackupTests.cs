using Grid.Commands;
using Grid.Silo.Backup;
using Grid.Silo.Commands;
using Grid.Tests.Fixtures;
using Grid.Tests.Stores;

namespace Grid.Tests.Backup;

public sealed class BackupTests : IDisposable
{
    private const int Backups = 8;

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteHouse _house = new();
    private readonly SemaphoreSlim _written = new(0);

    private string Data => Path.GetDirectoryName(_house.Options.Sqlite.Folder)!;

    [Fact]
    public async Task A_backup_during_writes_is_a_consistent_snapshot_of_all_files()
    {
        var cause = StoreHouse.InPartition(0, 1);
        var effect = StoreHouse.InPartition(1_023, 2);
        // Generous limits: the machine may be busy while the backup locks the files.
        _house.Options.Sqlite.BusyTimeout = _house.Options.WriteTimeout = StoreHouse.Patience;
        _house.Open();
        using var stop = new CancellationTokenSource();
        var writer = Write(cause, effect, stop.Token);
        try
        {
            for (var number = 0; number < Backups; number++)
            {
                Assert.True(await _written.WaitAsync(StoreHouse.Patience), "The writer makes no progress.");
                StoreBackup.Take(Data, Target(number), TimeProvider.System);
            }
        }
        finally
        {
            await stop.CancelAsync();
        }

        await writer;
        for (var number = 0; number < Backups; number++)
        {
            StoreVerify.Backup(Target(number));
            var restored = Path.Combine(_folder.Path, $"restored-{number}");
            StoreRestore.Run(Target(number), restored);
            using var house = new SqliteHouse();
            house.Options.Sqlite.Folder = Path.Combine(restored, "store");
            house.Open();
            // Each effect is written after its cause was answered: its version is equal, or one lower.
            Assert.InRange(Version(await house.Read(cause)) - Version(await house.Read(effect)), 0, 1);
        }
    }

    [Fact]
    public async Task A_damaged_or_unfinished_backup_is_refused_and_restores_nothing()
    {
        _house.Open();
        await _house.Write(StoreHouse.InPartition(0, 1), StoreHouse.New("kept"));
        StoreBackup.Take(Data, Target(0), TimeProvider.System);
        var file = Path.Combine(Target(0), "store", "grid-00.db");
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
        var made = Path.Combine(_folder.Path, "made");
        Assert.Equal(StoreErrorCodes.Damaged, Assert.Throws<StoreException>(() => StoreVerify.Backup(Target(0))).Code);
        Assert.Equal(
            StoreErrorCodes.Damaged,
            Assert.Throws<StoreException>(() => StoreRestore.Run(Target(0), made)).Code
        );
        File.Delete(Path.Combine(Target(0), BackupManifest.FileName));
        Assert.Equal(
            StoreErrorCodes.Invalid,
            Assert.Throws<StoreException>(() => StoreRestore.Run(Target(0), made)).Code
        );
        Assert.False(Directory.Exists(made));
    }

    [Fact]
    public async Task A_restore_never_overwrites_existing_data()
    {
        _house.Open();
        await _house.Write(StoreHouse.Fresh(), StoreHouse.New("live"));
        StoreBackup.Take(Data, Target(0), TimeProvider.System);
        Assert.Equal(
            StoreErrorCodes.Invalid,
            Assert.Throws<StoreException>(() => StoreRestore.Run(Target(0), Data)).Code
        );
        Assert.Equal(
            StoreErrorCodes.Invalid,
            Assert.Throws<StoreException>(() => StoreBackup.Take(Data, Target(0), TimeProvider.System)).Code
        );
    }

    [Fact]
    public async Task Verify_finds_damage_also_in_an_open_store()
    {
        _house.Open();
        for (var number = 0; number < 400; number++)
            await _house.Write(StoreHouse.InPartition(0, number), StoreHouse.New(new string('x', 100)));
        Assert.Equal(400, StoreVerify.Store(Data).Single(static table => table.Table == "state:note:note").Rows);
        _house.Close();
        using (var file = File.OpenHandle(_house.FilePath(), FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.Write(file, new byte[4_096], _house.Options.Sqlite.PageBytes * 4L);
        Assert.Equal(StoreErrorCodes.Damaged, Assert.Throws<StoreException>(() => StoreVerify.Store(Data)).Code);
    }

    [Theory]
    [InlineData("backup", "to")]
    [InlineData("restore", "from")]
    [InlineData("verify", "from")]
    public async Task A_command_of_the_data_folder_is_refused_where_the_state_is_in_PostgreSQL(
        string command,
        string option
    )
    {
        string[] settings = ["--Grid:Postgres", "Host=127.0.0.1", "--Grid:Data", Data];
        Assert.Equal(CommandLine.Failed, await SiloCommands.RunAsync([command, $"--{option}", Target(0), .. settings]));
        Assert.False(Directory.Exists(Target(0)));
    }

    [Theory]
    [InlineData("to", "2026-11-21T09:00:00Z")]
    [InlineData("archive", "/archive")]
    public async Task A_restore_to_a_point_in_time_is_refused(string option, string value)
    {
        _house.Open();
        await _house.Write(StoreHouse.Fresh(), StoreHouse.New("kept"));
        StoreBackup.Take(Data, Target(0), TimeProvider.System);
        var made = Path.Combine(_folder.Path, "made");
        string[] line = ["restore", "--from", Target(0), $"--{option}", value, "--Grid:Data", made];
        Assert.Equal(CommandLine.WrongUsage, await SiloCommands.RunAsync(line));
        Assert.False(Directory.Exists(made));
    }

    public void Dispose()
    {
        _house.Dispose();
        _written.Dispose();
        _folder.Dispose();
    }

    private static long Version(GrainState<Note> state) => state.ETag is { } tag ? long.Parse(tag) : 0;

    private string Target(int number) => Path.Combine(_folder.Path, $"backup-{number}");

    private async Task Write(GrainId cause, GrainId effect, CancellationToken stop)
    {
        var first = StoreHouse.New("cause");
        var second = StoreHouse.New("effect");
        while (!stop.IsCancellationRequested)
        {
            await _house.Write(cause, first);
            await _house.Write(effect, second);
            _written.Release();
        }
    }
}
