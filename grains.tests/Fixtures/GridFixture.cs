using Grid.Silo.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grid.Tests.Fixtures;

/// <summary>The tests that share one grid.</summary>
[CollectionDefinition(Name)]
public sealed class GridCollection : ICollectionFixture<GridFixture>
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "grid";
}

/// <summary>The product's silo over a real store in a folder of its own, with a clock that tests move.</summary>
public sealed class GridFixture : IAsyncLifetime
{
    /// <summary>Where the clock begins.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 4, 9, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private IHost? _host;

    /// <summary>The clock of the grains.</summary>
    public WallClock Clock { get; } = new(Start);

    /// <summary>The way to the grains.</summary>
    public IGrainFactory Grains => _host!.Services.GetRequiredService<IGrainFactory>();

    public async Task InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Grid:Data", _folder.Path)]);
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.AddGridSilo();
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
        _folder.Dispose();
    }
}
