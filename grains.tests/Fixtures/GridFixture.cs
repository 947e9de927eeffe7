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
    /// <summary>The name of the collection.</summary>
    public const string Name = "grid";
}

/// <summary>
/// Two silos of the product in this process, called from outside of both, with a clock that tests move. They share the
/// store of one folder, as silos on several machines share a database.
/// </summary>
public sealed class GridFixture : IAsyncLifetime
{
    private const short Silos = 2;

    private readonly TemporaryFolder _folder = new();
    private IHost? _owner;
    private InProcessTestCluster? _cluster;

    /// <summary>The clock of the silos.</summary>
    internal TestClock Clock { get; } = new();

    /// <summary>The way to the grains.</summary>
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
                // The last registration counts, and an instance is left to whoever made it.
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
