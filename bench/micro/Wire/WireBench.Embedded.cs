using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Grid.Bench.Micro.GrainCalls;
using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Grid.Engine.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grid.Bench.Micro.Wire;

/// <summary>
/// Calls from one engine to hot grains in another, over sockets of this machine: calls a second, latency, and what a call
/// costs in processor time, bytes and allocations. Both sides run in this process, so a call's cost is that of both.
/// <c>wire [--seconds 3] [--callers 64] [--connections 1] [--bytes 300] [--tls]</c>
/// </summary>
internal static class WireBench
{
    private const int Grains = 10_000;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);

    internal static async Task<int> RunAsync(string[] args)
    {
        var seconds = Number(args, "--seconds", 3);
        var callers = Number(args, "--callers", 64);
        var bytes = Number(args, "--bytes", 300);
        var folder = Directory.CreateTempSubdirectory("grid-wire");
        var options = new WireOptions { ConnectionsPerSilo = Number(args, "--connections", new WireOptions().ConnectionsPerSilo) };
        if (args.Contains("--tls"))
        {
            GridAuthority.OpenOrMake(folder.FullName, TimeProvider.System, out _).Issue(GridRole.Silo, TimeSpan.FromDays(1));
            options.Tls = GridAuthority.FilesOf(folder.FullName, GridRole.Silo);
        }

        using var silo = new BenchSilo(Grains);
        silo.Preload();
        await using var server = new SocketNetwork(
            options, TimeProvider.System, NullLogger.Instance, silo.Services.GetRequiredService<ICallReceiver>(), null);
        var bound = server.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await using var network = new SocketNetwork(options, TimeProvider.System, NullLogger.Instance, null, null);
        var router = new ToOneSilo(network, new SiloAddress("127.0.0.1", bound.Port));
        using var client = new BenchSilo(Grains, services => services.AddSingleton<IGrainRouter>(router));

        await DriveAsync(client, callers, bytes, s_warmUp);
        await MeasureAsync(client, callers, bytes, TimeSpan.FromSeconds(seconds));
        if (callers > 1)
        {
            await MeasureAsync(client, 1, bytes, TimeSpan.FromSeconds(1));
        }

        folder.Delete(recursive: true);
        return 0;
    }

    private static async Task MeasureAsync(BenchSilo client, int callers, int bytes, TimeSpan time)
    {
        long sent = 0, sends = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name is "grid.wire.sent" or "grid.wire.sends")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            Interlocked.Add(ref instrument.Name == "grid.wire.sent" ? ref sent : ref sends, value));
        listener.Start();
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var started = TimeProvider.System.GetTimestamp();
        var latencies = await DriveAsync(client, callers, bytes, time);
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        process.Refresh();
        var calls = latencies.Sum(static each => (double)each.Count);
        var all = latencies.SelectMany(static each => each).Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{callers,4} callers: {calls / elapsed.TotalSeconds,9:N0} calls/s, p50 {Micros(all, 0.5):F0} µs, p99 {Micros(all, 0.99):F0} µs; a call: "
            + $"{(process.TotalProcessorTime - cpu).TotalMicroseconds / calls:F2} µs CPU (both sides), "
            + $"{(GC.GetTotalAllocatedBytes() - allocated) / calls:F0} B allocated, {sent / calls:F0} B sent, {2 * calls / sends:F1} frames a send"));
    }

    private static double Micros(long[] sorted, double quantile) =>
        sorted[(int)((sorted.Length - 1) * quantile)] * 1e6 / TimeProvider.System.TimestampFrequency;

    private static Task<List<long>[]> DriveAsync(BenchSilo client, int callers, int bytes, TimeSpan time)
    {
        var end = TimeProvider.System.GetTimestamp() + (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
        return Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(client, caller, bytes, end))));
    }

    private static async Task<List<long>> CallAsync(BenchSilo client, int caller, int bytes, long end)
    {
        var latencies = new List<long>(200_000);
        for (var i = caller * 997; ; i++)
        {
            var from = TimeProvider.System.GetTimestamp();
            if (from > end)
            {
                return latencies;
            }

            await client.Grains.GetGrain<IBenchGrain>(client.Keys[i % client.Keys.Length]).Picture(bytes);
            latencies.Add(TimeProvider.System.GetTimestamp() - from);
        }
    }

    private static int Number(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is var at and >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

    private sealed class ToOneSilo : IGrainRouter, ICallReturns
    {
        private readonly IGrainTransport _silo;

        internal ToOneSilo(SocketNetwork network, SiloAddress address) => _silo = network.To(address, this);

        public IGrainTransport Route(int partition) => _silo;

        public void Return(PendingCall call, ReturnReason reason, long viewVersion)
        {
            call.SetException(new GrainUnavailableException(reason.ToString()));
            call.LetGo();
        }
    }
}
