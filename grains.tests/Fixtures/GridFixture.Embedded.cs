using Grid.Silo.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grid.Tests.Fixtures;

/// <summary>The fixture on the embedded engine: the product's silo.</summary>
public sealed partial class GridFixture
{
    private IHost? _host;

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
