using Grid.Keys;
using Grid.Silo.Stores.Sqlite;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Stores;

/// <summary>A store and the key ring that it was written with: the same in every kind of store.</summary>
public abstract class RingMarksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private protected string Data => _folder.Path;

    /// <summary>The settings that name the store beside the data folder.</summary>
    private protected virtual string[] Store => [];

    private string Keys => Path.Combine(_folder.Path, "keys");

    public void Dispose() => _folder.Dispose();

    /// <summary>Deletes the store's record of its ring.</summary>
    private protected abstract void ForgetMarks();

    [StoreFact]
    public async Task A_store_without_its_ring_is_not_served_and_no_new_ring_is_made()
    {
        await ImportAsync("11010519491231002X");
        Directory.Move(Keys, Keys + ".lost");

        foreach (
            var command in new[]
            {
                // Few connections: with a low limit of open files the gateway logs a warning for more.
                ["--urls", "http://127.0.0.1:0", "--Grid:Gateway:ConnectionsMax", "1000"],
                new[] { "token", "--role", "lab", "--subject", "lab-1" },
                ["keys", "list"],
                ["import", await FileAsync("440524188001010014")],
            }
        )
        {
            var end = await RunAsync(command);
            Assert.Equal(1, end.ExitCode);
            Assert.Contains(
                "was written with another key ring",
                end.Error.TrimEnd().Split('\n')[^1],
                StringComparison.Ordinal
            );
            Assert.DoesNotContain("   at ", end.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Keys));
        }

        Directory.Move(Keys + ".lost", Keys);
        Assert.StartsWith(
            "accepted 0\nduplicates 1",
            (await ImportAsync("11010519491231002X")).Output,
            StringComparison.Ordinal
        );
    }

    [StoreFact]
    public async Task A_store_with_the_ring_of_another_grid_is_not_served()
    {
        await ImportAsync("11010519491231002X");
        Directory.Delete(Keys, recursive: true);
        using var other = new TemporaryFolder();
        KeyRing.Open(other.Path, TimeProvider.System);
        Directory.Move(Path.Combine(other.Path, "keys"), Keys);

        var end = await RunAsync("--urls", "http://127.0.0.1:0");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("Put the ring of the newest backup back", end.Error, StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task A_key_that_was_rotated_in_must_not_be_lost_either()
    {
        await ImportAsync("11010519491231002X");
        var before = await File.ReadAllBytesAsync(Path.Combine(Keys, "ring.json"));
        Assert.Equal(0, (await RunAsync("keys", "rotate", "--purpose", "profile")).ExitCode);
        await ImportAsync("440524188001010014");
        await File.WriteAllBytesAsync(Path.Combine(Keys, "ring.json"), before);

        var end = await RunAsync("--urls", "http://127.0.0.1:0");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("Profile:2", end.Error, StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task Residents_without_a_ring_are_not_served_even_when_the_marks_are_gone_too()
    {
        await ImportAsync("11010519491231002X");
        ForgetMarks();
        Directory.Move(Keys, Keys + ".lost");

        var end = await RunAsync("--urls", "http://127.0.0.1:0");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("every key is missing there", end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Keys));

        Directory.Move(Keys + ".lost", Keys);
        Assert.StartsWith(
            "accepted 0\nduplicates 1",
            (await ImportAsync("11010519491231002X")).Output,
            StringComparison.Ordinal
        );
    }

    private Task<CommandEnd> RunAsync(params string[] arguments) =>
        GatewayCommand.RunAsync([.. arguments, "--Grid:Data", _folder.Path, .. Store]);

    private async Task<CommandEnd> ImportAsync(string idNumber)
    {
        var end = await RunAsync("import", await FileAsync(idNumber));
        Assert.True(end.ExitCode == 0, end.Error);
        return end;
    }

    private async Task<string> FileAsync(string idNumber)
    {
        var path = Path.Combine(_folder.Path, "people.csv");
        await File.WriteAllTextAsync(path, $"idNumber,name,phone,district\n{idNumber},张三,13812345678,610113\n");
        return path;
    }
}

/// <summary>The marks in the folder of the store.</summary>
public sealed class FolderRingMarksTests : RingMarksTests
{
    private protected override void ForgetMarks() => File.Delete(Path.Combine(Data, "store", FolderRingMarks.FileName));
}

/// <summary>The marks in the first of two databases.</summary>
[Collection(PostgresCollection.Name), NeedsPostgres]
public sealed class PostgresRingMarksTests(PostgresServer server) : RingMarksTests
{
    private readonly string[] _databases = PostgresServer.Binaries is null
        ? []
        : [server.CreateDatabase(), server.CreateDatabase()];

    private protected override string[] Store =>
        [.. _databases.SelectMany((database, number) => new[] { $"--Grid:Postgres:{number}", database })];

    private protected override void ForgetMarks() =>
        PostgresServer.Execute(_databases[0], "DROP TABLE grid_ring_marks");
}
