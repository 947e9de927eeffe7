using System.Collections.Concurrent;
using System.Net;
using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Grid.Engine.Wire;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grid.Tests.Wire;

/// <summary>
/// An engine with sockets: a silo when it listens, a client of one when its router points there. The engine's clock is the
/// test's, that of the sockets the machine's.
/// </summary>
internal sealed class WireNode : IAsyncDisposable
{
    private WireNode(GrainFixture engine, TestRouter router, SocketNetwork network)
    {
        Engine = engine;
        Router = router;
        Network = network;
    }

    internal GrainFixture Engine { get; }

    internal TestRouter Router { get; }

    internal SocketNetwork Network { get; }

    internal SiloAddress Address { get; private set; }

    internal static WireOptions Options(Action<WireOptions>? configure = null)
    {
        // Patient, because the machine of a test may be busy; what is about time says otherwise.
        var options = new WireOptions { Name = "node", ConnectTimeout = TimeSpan.FromSeconds(20), LostAfter = TimeSpan.FromSeconds(20) };
        configure?.Invoke(options);
        return options;
    }

    internal static async Task<WireNode> StartAsync(WireOptions? options = null, Action<GrainFixture.Setup>? configure = null, bool serves = true)
    {
        var router = new TestRouter();
        ICallReceiver? receiver = null;
        var engine = await GrainFixture.StartAsync(setup =>
        {
            configure?.Invoke(setup);
            var services = setup.Services;
            setup.Services = collection =>
            {
                services(collection);
                collection.AddSingleton<IGrainRouter>(router);
            };
        });
        receiver = engine.Engine;
        var network = new SocketNetwork(options ?? Options(), TimeProvider.System, NullLogger.Instance, serves ? receiver : null, engine.MeterFactory);
        return new WireNode(engine, router, network);
    }

    /// <summary>A silo that listens, and a client of it.</summary>
    internal static async Task<(WireNode Silo, WireNode Client)> PairAsync(
        WireOptions? silo = null, WireOptions? client = null, Action<GrainFixture.Setup>? configure = null)
    {
        var serving = await StartAsync(silo, configure);
        serving.Listen();
        var calling = await StartAsync(client, configure, serves: false);
        calling.PointTo(serving.Address);
        return (serving, calling);
    }

    internal void Listen()
    {
        var bound = Network.Listen(new IPEndPoint(IPAddress.Loopback, Address.Port));
        Address = new SiloAddress(bound.Address.ToString(), bound.Port);
    }

    /// <summary>All grains are there from now on.</summary>
    internal void PointTo(SiloAddress address) => Router.Target = Network.To(address, Router);

    internal T Grain<T>()
        where T : IGrainWithStringKey => Engine.Grains.GetGrain<T>(Guid.NewGuid().ToString());

    internal T Fresh<T>()
        where T : IGrainWithGuidKey => Engine.Fresh<T>();

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        await Engine.DisposeAsync();
    }

    /// <summary>All grains here, or all on one other silo. What comes back ends with its reason, unless a test takes it.</summary>
    internal sealed class TestRouter : IGrainRouter, ICallReturns
    {
        internal IGrainTransport? Target { get; set; }

        internal ConcurrentQueue<(ReturnReason Reason, long Version)> Returned { get; } = [];

        internal Action<PendingCall>? OnReturn { get; set; }

        public long ViewVersion { get; set; }

        public IGrainTransport? Route(int partition) => Target;

        public void Return(PendingCall call, ReturnReason reason, long viewVersion)
        {
            Returned.Enqueue((reason, viewVersion));
            if (OnReturn is { } handle)
            {
                handle(call);
                return;
            }

            call.SetException(new GrainUnavailableException(reason.ToString()));
            call.LetGo();
        }
    }
}
