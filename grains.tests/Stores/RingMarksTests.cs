using Grid.Keys;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Stores;

public sealed class RingMarksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Keys => Path.Combine(_folder.Path, "keys");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_store_without_its_ring_is_not_served_and_no_new_ring_is_made()
    {
        await ImportAsync("11010519491231002X");
        Directory.Move(Keys, Keys + ".lost");

        foreach (var command in new[]
                 {
                     // Few connections: where a process may open few files, the gateway warns of more.
                     ["--urls", "http://127.0.0.1:0", "--Grid:Gateway:ConnectionsMax", "1000"],
                     new[] { "token", "--role", "lab", "--subject", "lab-1" },
                     ["keys", "list"],
                     ["import", await FileAsync("440524188001010014")],
                 })
        {
            var end = await GatewayCommand.RunAsync([.. command, "--Grid:Data", _folder.Path]);
            Assert.Equal(1, end.ExitCode);
            Assert.Contains("was written with another key ring", end.Error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", end.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Keys));
        }

        Directory.Move(Keys + ".lost", Keys);
        Assert.StartsWith("accepted 0\nduplicates 1", (await ImportAsync("11010519491231002X")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_with_the_ring_of_another_grid_is_not_served()
    {
        await ImportAsync("11010519491231002X");
        Directory.Delete(Keys, recursive: true);
        using var other = new TemporaryFolder();
        KeyRing.Open(other.Path, TimeProvider.System);
        Directory.Move(Path.Combine(other.Path, "keys"), Keys);

        var end = await GatewayCommand.RunAsync("--urls", "http://127.0.0.1:0", "--Grid:Data", _folder.Path);
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("Put the ring of the newest backup back", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_was_rotated_in_must_not_be_lost_either()
    {
        await ImportAsync("11010519491231002X");
        var before = await File.ReadAllBytesAsync(Path.Combine(Keys, "ring.json"));
        Assert.Equal(0, (await GatewayCommand.RunAsync("keys", "rotate", "--purpose", "profile", "--Grid:Data", _folder.Path)).ExitCode);
        await ImportAsync("440524188001010014");
        await File.WriteAllBytesAsync(Path.Combine(Keys, "ring.json"), before);

        var end = await GatewayCommand.RunAsync("--urls", "http://127.0.0.1:0", "--Grid:Data", _folder.Path);
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("Profile:2", end.Error, StringComparison.Ordinal);
    }

    private async Task<CommandEnd> ImportAsync(string idNumber)
    {
        var end = await GatewayCommand.RunAsync("import", await FileAsync(idNumber), "--Grid:Data", _folder.Path);
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
