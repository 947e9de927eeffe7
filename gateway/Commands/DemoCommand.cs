using System.Globalization;
using System.Numerics;
using Grid.Gateway.Demo;
using Grid.Gateway.Hosting;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Residents;
using Grid.Silo.Hosting;
using Grid.Silo.Stores;
using Grid.Silo.Telemetry;
using Grid.Venues;

namespace Grid.Gateway.Commands;

/// <summary>
/// <c>demo [--residents N] [--seed S] [--serve false]</c>: fills the data folder with a synthetic city, unless it has it, and
/// serves it. Run again it goes on where it was interrupted, and changes nothing that is there.
/// </summary>
internal static class DemoCommand
{
    private const int ResidentsDefault = 100_000;
    private const int VenuesAtOnce = 32;
    private const string Subject = "demo";

    internal static async Task RunAsync(CommandArguments arguments)
    {
        arguments.Allow("residents", "seed", "serve");
        var residents = Number<int>(arguments, "residents", 1, Population.MaxResidents);
        var seed = Number<ulong>(arguments, "seed", 0, ulong.MaxValue);
        if (arguments.Option("serve") is not (null or "true" or "false"))
            throw new CommandException("The option --serve is true or false.");

        await using var app = GatewayHost.Build(arguments.Settings, static builder => builder.UseTextLog());
        var services = app.Services;
        var time = services.GetRequiredService<TimeProvider>();
        await services.WaitForServersAsync();
        // Opens the store first: a folder that another process serves is refused before anything is noted in it.
        var storage = services.GetKeyedService<IGrainStorage>(GridGrainStorage.Name)
            ?? throw new CommandException("A demo city is made where the store is: without Grid:Cluster.");
        var folder = new DemoFolder(arguments.DataFolder);
        var plan = await PlanAsync(folder, services, residents, seed, time);
        var city = new City(plan.Residents, plan.AsOf, plan.Seed);
        var states = new CityStates(
            city, services.GetRequiredService<ResidentKeys>(), services.GetRequiredService<ProfileVault>());
        if (!plan.Complete)
            await FillAsync(folder, plan, new CityLoader(city, states, storage, time, new LoadProgress(Console.Error, time)));
        await Console.Error.WriteLineAsync(
            $"The demo city of {plan.Residents:#,0} residents as of {plan.AsOf:yyyy-MM-dd HH:mm}Z is in {arguments.DataFolder}.");
        if (arguments.Option("serve") == "false")
            return;

        await app.StartAsync();
        await PutVenuesAsync(city, services, storage);
        new DemoGuide(city, states, services.GetRequiredService<AccessTokens>(), time, Console.Out)
            .Write(app.Urls.First().TrimEnd('/'), arguments.DataFolder);
        await app.WaitForShutdownAsync();
    }

    // Where the engine keeps venues elsewhere, that place is open only now. A venue that is there already stays as it is.
    private static async Task PutVenuesAsync(City city, IServiceProvider services, IGrainStorage storage)
    {
        if (ReferenceEquals(services.GetRequiredKeyedService<IGrainStorage>(SiloParts.RegistryStorage), storage))
            return;
        var grains = services.GetRequiredService<IGrainFactory>();
        var bound = new ParallelOptions { MaxDegreeOfParallelism = VenuesAtOnce };
        await Parallel.ForEachAsync(
            city.Venues(), bound,
            async (door, _) => await grains.GetGrain<IVenueGrain>(door.VenueId).Put(door.Venue, Subject));
    }

    /// <summary>The city that the folder has, or is to have.</summary>
    private static async Task<DemoCity> PlanAsync(
        DemoFolder folder, IServiceProvider services, int? residents, ulong? seed, TimeProvider time)
    {
        if (folder.Read() is { } known)
        {
            if ((residents ?? known.Residents) != known.Residents || (seed ?? known.Seed) != known.Seed)
                throw new CommandException($"The data folder has a demo city of {known.Residents} residents and seed {known.Seed}; name another folder with --Grid:Data.");
            return known;
        }

        if (await HasResidentsAsync(services.GetRequiredService<IPartitionLoader>()))
            throw new CommandException("The data folder has residents that are not the demo's; name another folder with --Grid:Data.");
        var plan = new DemoCity(
            residents ?? ResidentsDefault, seed ?? City.DefaultSeed, CityTime.WholeSecond(time.GetUtcNow()), Complete: false);
        folder.Write(plan);
        return plan;
    }

    private static async Task FillAsync(DemoFolder folder, DemoCity plan, CityLoader loader)
    {
        var report = await loader.RunAsync(folder, CancellationToken.None);
        folder.Write(plan with { Complete = true });
        await Console.Error.WriteLineAsync($"{report.Written:#,0} rows written, {report.Present:#,0} were there.");
    }

    private static async Task<bool> HasResidentsAsync(IPartitionLoader loader)
    {
        using var found = new CancellationTokenSource();
        try
        {
            await loader.LoadAsync<ResidentState>(
                "resident", "resident", 0, Partitions.Count, () => (_, _, _) => found.Cancel(), found.Token);
        }
        catch (OperationCanceledException)
        {
            // Met one: that is enough.
        }

        return found.IsCancellationRequested;
    }

    private static T? Number<T>(CommandArguments arguments, string name, T min, T max)
        where T : struct, IBinaryInteger<T>
    {
        if (arguments.Option(name) is not { } text)
            return null;
        return T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new CommandException($"The option --{name} is a whole number from {min} to {max}.");
    }
}
