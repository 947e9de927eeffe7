using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grid.Bench.Micro.GrainCalls;

/// <summary>A silo with many grains in memory.</summary>
internal sealed class BenchSilo : IDisposable
{
    private const int Callers = 256;

    private readonly IHost _host;

    internal BenchSilo(int grains)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddFilter("Orleans", LogLevel.Warning);
        builder.UseOrleans(static silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.Services.AddSingleton<IGrainStorage, NoStorage>();
        });
        _host = builder.Build();
        _host.StartAsync().GetAwaiter().GetResult();
        Grains = _host.Services.GetRequiredService<IGrainFactory>();
        Keys = DrawKeys(grains);
    }

    internal IGrainFactory Grains { get; }

    internal Guid[] Keys { get; }

    public void Dispose()
    {
        _host.StopAsync().GetAwaiter().GetResult();
        _host.Dispose();
    }

    /// <summary>Activates all grains with one call each: there is no other way.</summary>
    internal void Preload() =>
        Parallel
            .ForEachAsync(Keys, new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (key, _) =>
                await Grains.GetGrain<IBenchGrain>(key).Show(0)
            )
            .GetAwaiter()
            .GetResult();

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    // The same keys in every run.
    private static Guid[] DrawKeys(int count)
    {
        var keys = new Guid[count];
        var random = new Random(1);
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < count; i++)
        {
            random.NextBytes(bytes);
            keys[i] = new Guid(bytes);
        }

        return keys;
    }
}
