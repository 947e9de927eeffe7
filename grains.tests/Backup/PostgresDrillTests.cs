using Grid.Silo.Backup;
using Grid.Tests.Fixtures;
using Grid.Tests.Stores;

namespace Grid.Tests.Backup;

public sealed class PostgresDrillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [PostgresFact]
    public async Task A_server_is_restored_to_a_moment_from_its_backup_and_its_log()
    {
        var backup = Path.Combine(_folder.Path, "backup");
        var restored = Path.Combine(_folder.Path, "restored");
        var grain = StoreHouse.Fresh();
        using var server = new PostgresServer();
        var log = server.ArchiveLog();
        using var house = new PostgresHouse(server, databases: 1);
        house.Open();
        var state = StoreHouse.New("before the backup");
        await house.Write(grain, state);
        Assert.Equal(1, await PostgresBackup.TakeAsync([.. house.Options.Databases], backup, CancellationToken.None));
        state.State!.Text = "after the backup";
        await house.Write(grain, state);
        var moment = PostgresServer.Scalar<DateTime>(house.Options.Databases[0], "SELECT clock_timestamp()");
        state.State!.Text = "after the moment";
        await house.Write(grain, state);
        server.SwitchLog();

        await PostgresBackup.RestoreAsync(backup, log, new DateTimeOffset(moment, TimeSpan.Zero), restored, CancellationToken.None);
        using var recovered = PostgresServer.Recover(Path.Combine(restored, "server-0"));
        using var there = new PostgresHouse(recovered, databases: 0);
        there.Options.Databases = [recovered.FirstDatabase];
        there.Open();
        Assert.Equal("after the backup", (await there.Read(grain)).State!.Text);
        var counts = await PostgresBackup.CountAsync([recovered.FirstDatabase], CancellationToken.None);
        Assert.Contains((PostgresHouse.NoteTable, 1L, 2L), counts);
    }

    public void Dispose() => _folder.Dispose();
}
