using Grid.Silo.Hosting;
using Grid.Silo.Stores.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.TestingHost;

namespace Grid.Tests.Fixtures;

/// <summary>The tests that share one grid.</summary>
[CollectionDefinition(Name)]
public sealed class GridCollection : ICollectionFixture<GridFixture>
{
    public const string Name = "grid";
}

/// <summary>
/// Two silos in this process with a fake clock, called by a cluster client. They share one SQLite store, as silos on
/// several machines share a database.
/// </summary>
public sealed class GridFixture : IAsyncLifetime
{
    private const short Silos = 2;

    private readonly TemporaryFolder _folder = new();
    private IHost? _owner;
    private InProcessTestCluster? _cluster;

    /// <summary>The fake clock of both silos.</summary>
    internal TestClock Clock { get; } = new();

    public IGrainFactory Grains => _cluster!.Client;

    public async Task InitializeAsync()
    {
        var owner = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        AddParts(owner);
        _owner = owner.Build();
        var store = _owner.Services.GetRequiredService<SqliteStore>();

        var builder = new InProcessTestClusterBuilder(Silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSiloHost(
            (_, silo) =>
            {
                AddParts(silo);
                // The last registration wins, and the container does not dispose an instance it did not create.
                silo.Services.AddSingleton(store);
            }
        );
        builder.ConfigureSilo(static (_, silo) => silo.UseGridGrains());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        await _cluster!.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        _owner!.Dispose();
        _folder.Dispose();
    }

    private void AddParts(IHostApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection([new("Grid:Data", _folder.Path)]);
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.AddSiloParts();
    }
}
