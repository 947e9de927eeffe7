using System.CommandLine;
using Grid.Commands;
using Grid.Hosting.Settings;
using Grid.Hosting.Start;
using Grid.Silo.Hosting;
using Grid.Silo.Schemas;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;

namespace Grid.Silo.Commands;

/// <summary>
/// <c>migrate</c>: upgrades every schema and exits. Run it once before silos of a new version start; silos of the old
/// version may serve meanwhile.
/// </summary>
internal static class MigrateCommand
{
    internal static Command Create(CommandSettings settings)
    {
        var command = new GridCommand(
            "migrate",
            "Brings the schemas of the store up to date. Run it once before silos of a new version start; old ones may "
                + "serve meanwhile.",
            "silo migrate --Grid:Postgres \"Host=127.0.0.1;Username=grid;Password=grid;Database=grid\""
        );
        command.SetAction((_, cancellation) => RunAsync(settings, cancellation));
        return command;
    }

    private static async Task RunAsync(CommandSettings settings, CancellationToken cancellation)
    {
        // A migration needs the databases but no cluster.
        var builder = SiloHost.CreateBuilder(settings.Arguments, GridRole.All);
        builder.Services.PostConfigure<StoreOptions>(static store => store.Postgres.Presence = StorePresence.None);
        await using var app = builder.Build();
        await app.Services.WaitForServersAsync();
        // Opening a store upgrades its own schema.
        _ = app.Services.GetRequiredService<GridGrainStorage>();
        foreach (var schema in app.Services.GetServices<ISchema>())
            await schema.MigrateAsync(cancellation);
        await Console.Out.WriteLineAsync("The schemas are up to date.");
    }
}
