using System.CommandLine;
using System.Globalization;
using Grid.Commands;
using Grid.Commands.Demo;
using Grid.Gateway.Hosting;
using Grid.Gateway.Tokens;
using Grid.Hosting.Keys;
using Grid.Hosting.Start;
using Grid.Hosting.Telemetry;
using Grid.Keys;
using Grid.Venues;

namespace Grid.Gateway.Commands;

/// <summary>
/// <c>demo</c>: fills the data folder with a synthetic city, unless it has one, and serves it. A repeated run continues
/// after an interruption and changes no existing row.
/// </summary>
internal static class DemoCommand
{
    private const int DefaultResidents = 100_000;
    private const int MaxVenuesAtOnce = 32;
    private const string Subject = "demo";

    internal static Command Create(CommandSettings settings)
    {
        var residents = CommandOptions.Number(
            "--residents",
            $"Number of residents in a new city. [default: {DefaultResidents}]",
            1,
            Population.MaxResidents
        );
        var seed = CommandOptions.Number<ulong>(
            "--seed",
            $"The same seed gives the same city. [default: {City.DefaultSeed}]",
            0,
            ulong.MaxValue
        );
        var serve = CommandOptions.OneOf(
            "--serve",
            "Serve the city after the load; false ends the command.",
            ["true", "false"]
        );
        serve.DefaultValueFactory = static _ => "true";
        var command = new GridCommand(
            "demo",
            "Fills the data folder with a synthetic city, serves it, and prints tokens and curl commands.",
            "gateway demo --residents 10000 --urls http://127.0.0.1:9090"
        )
        {
            residents,
            seed,
            serve,
        };
        command.SetAction(
            (parsed, _) =>
                RunAsync(settings, parsed.GetValue(residents), parsed.GetValue(seed), parsed.GetValue(serve) == "true")
        );
        return command;
    }

    private static async Task RunAsync(CommandSettings settings, int? residents, ulong? seed, bool serve)
    {
        await using var app = GatewayHost.Build(settings.Arguments, static builder => builder.UseTextLog());
        var services = app.Services;
        var time = services.GetRequiredService<TimeProvider>();
        await services.WaitForServersAsync();
        // Open the store before writing city.json: another process may serve the folder.
        var storage = services.OpenStore()
            ?? throw new CommandException("demo needs the store in its own process: run it without Grid:Cluster.");
        var folder = new DemoFolder(settings.DataFolder);
        var plan = Plan(folder, services, residents, seed, time);
        var city = new City(plan.Residents, plan.AsOf, plan.Seed);
        var states = new CityStates(
            city,
            services.GetRequiredService<ResidentKeys>(),
            services.GetRequiredService<ProfileVault>()
        );
        if (!plan.Complete)
            await FillAsync(folder, plan, new CityLoader(city, states, storage, time, ProgressLine.OfConsole(time)));
        await Console.Error.WriteLineAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The demo city of {plan.Residents:#,0} residents as of {plan.AsOf:yyyy-MM-dd HH:mm}Z "
                    + $"is in {settings.DataFolder}."
            )
        );
        if (!serve)
            return;

        await app.StartAsync();
        await PutVenuesAsync(city, services, storage);
        new DemoGuide(city, states, services.GetRequiredService<AccessTokens>(), time, Console.Out).Write(
            app.Urls.First().TrimEnd('/'),
            settings.DataFolder
        );
        await app.WaitForShutdownAsync();
    }

    // On PostgreSQL, venues have a storage of their own, which opens only at the start. Existing venues stay unchanged.
    private static async Task PutVenuesAsync(City city, IServiceProvider services, IGrainStorage storage)
    {
        if (ReferenceEquals(SiloInProcess.RegistryOf(services), storage))
            return;
        var grains = services.GetRequiredService<IGrainFactory>();
        var bound = new ParallelOptions { MaxDegreeOfParallelism = MaxVenuesAtOnce };
        await Parallel.ForEachAsync(city.Venues(), bound, async (door, _) =>
            await grains.GetGrain<IVenueGrain>(door.VenueId).Put(door.Venue, Subject)
        );
    }

    /// <summary>The city of the folder, existing or new.</summary>
    private static DemoCity Plan(
        DemoFolder folder,
        IServiceProvider services,
        int? residents,
        ulong? seed,
        TimeProvider time
    )
    {
        if (folder.Read() is { } known)
        {
            if ((residents ?? known.Residents) != known.Residents || (seed ?? known.Seed) != known.Seed)
            {
                throw new CommandException(
                    $"The data folder has a demo city of {known.Residents} residents and seed {known.Seed}; "
                        + "name another folder with --Grid:Data."
                );
            }
            return known;
        }
        if (services.GetRequiredService<IRingMarks>().HasResidents())
            throw new CommandException(
                "The data folder has residents outside the demo; name another folder with --Grid:Data."
            );
        var plan = new DemoCity(
            residents ?? DefaultResidents,
            seed ?? City.DefaultSeed,
            CityTime.WholeSecond(time.GetUtcNow()),
            Complete: false
        );
        folder.Write(plan);
        return plan;
    }

    private static async Task FillAsync(DemoFolder folder, DemoCity plan, CityLoader loader)
    {
        var report = await loader.RunAsync(folder, CancellationToken.None);
        folder.Write(plan with { Complete = true });
        await Console.Error.WriteLineAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Written:#,0} rows written, {report.Present:#,0} were there."
            )
        );
    }
}
