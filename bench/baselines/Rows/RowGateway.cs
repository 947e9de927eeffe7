using Grid.Codes;
using Grid.Commands.Demo;
using Grid.Gateway.Hosting;
using Grid.Hosting.Settings;
using Grid.Hosting.Start;
using Grid.Keys;
using Grid.Scans;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace Grid.Bench.Baselines.Rows;

/// <summary>The product's gateway on rows of a database, filled with the demo city of its data folder.</summary>
internal static class RowGateway
{
    /// <param name="open">Creates the store.</param>
    /// <param name="settings">The gateway's settings: <c>--urls</c>, <c>--Grid:Data</c>.</param>
    internal static async Task<WebApplication> BuildAsync(Func<Serializer, IRowStore> open, string[] settings)
    {
        var app = GatewayHost.Build(
            settings,
            builder =>
            {
                builder.AddCallerParts();
                builder.Services.AddSerializer();
                builder.Services.AddOptions<CodeOptions>().BindConfiguration(CodeOptions.Section);
                builder.Services.AddSingleton(provider => open(provider.GetRequiredService<Serializer>()));
                builder.Services.AddSingleton<IVisitLog>(static provider => provider.GetRequiredService<IRowStore>());
                builder.Services.AddSingleton<IGrainFactory>(static provider => new RowGrains(
                    provider.GetRequiredService<IRowStore>(),
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<IOptions<CodeOptions>>().Value
                ));
            },
            configure: null
        );
        try
        {
            await app.Services.GetRequiredService<IRowStore>().FillAsync(Residents(app), CancellationToken.None);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    // The same residents and states as in the grid's own store of this city.
    private static IEnumerable<(Guid Key, ResidentRow Row)> Residents(WebApplication app)
    {
        var data = GridOptions.DataFolderOf(app.Configuration);
        var plan = new DemoFolder(data).Read()
            ?? throw new IOException($"{data} has no demo city: make one with the gateway's command 'demo'.");
        var city = new City(plan.Residents, plan.AsOf, plan.Seed);
        var states = new CityStates(
            city,
            app.Services.GetRequiredService<ResidentKeys>(),
            app.Services.GetRequiredService<ProfileVault>()
        );
        for (var index = 0; index < plan.Residents; index++)
        {
            var name = MaskedName.Of(city.Resident(index).Name);
            yield return (states.KeyOf(index), new ResidentRow { Name = name, State = states.ResidentOf(index) });
        }
    }
}
