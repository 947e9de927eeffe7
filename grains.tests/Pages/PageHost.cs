using Grid.Gateway.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Grid.Tests.Pages;

/// <summary>The page's endpoints alone on a free port: for what needs no grid behind it.</summary>
public sealed class PageHost : IAsyncLifetime
{
    private WebApplication? _app;

    public Uri Address { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPages();
        await _app.StartAsync();
        Address = new Uri(_app.Urls.Single());
    }

    public Task DisposeAsync() => _app!.DisposeAsync().AsTask();
}
