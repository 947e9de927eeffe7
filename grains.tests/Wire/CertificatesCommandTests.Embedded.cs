using Grid.Engine.Wire;
using Grid.Silo.Hosting;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.Configuration;

namespace Grid.Tests.Wire;

/// <summary>The command that makes the certificates of a cluster.</summary>
public sealed class CertificatesCommandTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task It_makes_what_silos_and_gateways_of_the_data_folder_look_for_and_renews_it_before_it_ends()
    {
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        Assert.Equal(0, await RunAsync(clock, "90"));
        var folder = CertificatesCommand.FolderOf(_data.Path);
        var files = GridAuthority.FilesOf(folder, GridRole.Silo);
        Assert.True(File.Exists(files.Authority) && File.Exists(files.Certificate) && File.Exists(files.Key));
        var gateway = GridAuthority.FilesOf(folder, GridRole.Gateway);
        Assert.True(File.Exists(gateway.Certificate) && File.Exists(gateway.Key));

        var (authority, first) = (File.ReadAllText(files.Authority), File.ReadAllText(files.Certificate));
        Assert.Equal(0, await RunAsync(clock, "90"));
        Assert.Equal(first, File.ReadAllText(files.Certificate));
        clock.Advance(TimeSpan.FromDays(61));
        Assert.Equal(0, await RunAsync(clock, "90"));
        var second = File.ReadAllText(files.Certificate);
        Assert.NotEqual(first, second);
        Assert.Equal(0, await RunAsync(clock, "90", "true"));
        Assert.NotEqual(second, File.ReadAllText(files.Certificate));
        Assert.Equal(authority, File.ReadAllText(files.Authority));
    }

    [Theory]
    [InlineData("0", null)]
    [InlineData("3651", null)]
    [InlineData("many", null)]
    [InlineData("90", "perhaps")]
    public async Task What_makes_no_sense_is_refused_and_nothing_is_made(string days, string? renew)
    {
        Assert.Equal(1, await RunAsync(TimeProvider.System, days, renew));
        Assert.Empty(Directory.GetFileSystemEntries(_data.Path));
    }

    [Fact]
    public async Task Without_the_key_of_the_authority_no_pair_is_made()
    {
        Assert.Equal(0, await RunAsync(TimeProvider.System, "90"));
        File.Delete(Path.Combine(CertificatesCommand.FolderOf(_data.Path), "ca.key"));
        Assert.Equal(0, await RunAsync(TimeProvider.System, "90"));
        Assert.Equal(1, await RunAsync(TimeProvider.System, "90", "true"));
    }

    private Task<int> RunAsync(TimeProvider time, string days, string? renew = null) => CertificatesCommand.RunAsync(
        new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Grid:Data"] = _data.Path, ["days"] = days, ["renew"] = renew })
            .Build(),
        time);
}
