using Grid.Gateway.Commands;
using Grid.Gateway.Demo;
using Grid.Gateway.Hosting;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Fixtures;

/// <summary>The whole product in this process, on a free port, with a small demo city in a folder of its own.</summary>
public sealed class DemoGateway : IAsyncLifetime
{
    internal const int Residents = 2_000;

    private readonly TemporaryFolder _folder = new();
    private WebApplication? _app;

    public Uri Address { get; private set; } = null!;

    internal string DataFolder => _folder.Path;

    internal City City { get; private set; } = null!;

    internal CityStates States { get; private set; } = null!;

    internal Showcase Showcase { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        string[] settings = [$"--Grid:Data={DataFolder}", "--urls=http://127.0.0.1:0"];
        var end = await CommandTable.RunAsync(["demo", "--residents", $"{Residents}", "--serve", "false", .. settings]);
        Assert.Equal(0, end);
        _app = GatewayHost.Build(settings);
        await _app.StartAsync();
        Address = new Uri(_app.Urls.Single());
        var note = new DemoFolder(DataFolder).Read()!;
        City = new City(note.Residents, note.AsOf, note.Seed);
        States = new CityStates(
            City, _app.Services.GetRequiredService<ResidentKeys>(), _app.Services.GetRequiredService<ProfileVault>());
        Showcase = Showcase.Of(City);
    }

    public async Task DisposeAsync()
    {
        await _app!.DisposeAsync();
        _folder.Dispose();
    }

    internal string TokenOf(Role role, string subject) =>
        _app!.Services.GetRequiredService<AccessTokens>().Mint(role, subject, TimeSpan.FromHours(1)).Token;

    internal string TokenOf(int resident) => TokenOf(Role.Resident, $"{States.KeyOf(resident)}");
}
