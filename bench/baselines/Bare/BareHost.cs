using System.Net;
using System.Net.Sockets;
using Grid.Residents;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Grid.Bench.Baselines.Bare;

/// <summary>The role of a process of the bare contender.</summary>
internal enum BareRole
{
    /// <summary>HTTP and grains in one process.</summary>
    Alone,

    /// <summary>Grains; a member of a cluster.</summary>
    Silo,

    /// <summary>HTTP; a member of the cluster that hosts no grain.</summary>
    Gateway,
}

/// <summary>
/// Kestrel and one Orleans call: no token, no signature, no JSON, no store. The upper bound for a grid on Orleans in
/// the same topology.
/// </summary>
internal static class BareHost
{
    private const string ClusterName = "bare";

    /// <param name="role">The role of the process.</param>
    /// <param name="redis">The server of the membership table; null for <see cref="BareRole.Alone"/>.</param>
    /// <param name="settings">The host's settings: <c>--urls</c>.</param>
    internal static WebApplication Build(BareRole role, string? redis, string[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(settings);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false);
        // Like the grid's gateway: no handler blocks its thread.
        builder.WebHost.UseSockets(static sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.UseOrleans(silo => Configure(silo, role, redis));
        var app = builder.Build();
        app.MapGet("/readyz", static () => TypedResults.NoContent());
        if (role != BareRole.Silo)
        {
            var grains = app.Services.GetRequiredService<IGrainFactory>();
            app.MapGet("/bare/{id:guid}", (Guid id, HttpContext context) => ShowAsync(grains, id, context));
        }
        return app;
    }

    private static async Task ShowAsync(IGrainFactory grains, Guid id, HttpContext context)
    {
        var answer = (await grains.GetGrain<IBareGrain>(id).Show()).Value;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer);
    }

    private static void Configure(ISiloBuilder silo, BareRole role, string? redis)
    {
        if (redis is null)
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
        }
        else
        {
            silo.Configure<ClusterOptions>(static cluster => cluster.ClusterId = cluster.ServiceId = ClusterName);
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort(), FreePort());
            silo.UseRedisClustering(clustering => clustering.ConfigurationOptions = ConfigurationOptions.Parse(redis));
        }
        // The process hosts only the bare grain of this program's assemblies, or none.
        silo.Configure<GrainTypeOptions>(types =>
            types.Classes.RemoveWhere(type => IsOurs(type) && (role == BareRole.Gateway || type != typeof(BareGrain)))
        );
    }

    private static bool IsOurs(Type type) =>
        type.Assembly == typeof(BareHost).Assembly || type.Assembly == typeof(ResidentGrain).Assembly;

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
