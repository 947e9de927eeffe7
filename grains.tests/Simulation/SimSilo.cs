using Grid.Engine.Runtime;
using Grid.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Simulation;

/// <summary>One life of a lone silo that hosts its own gateway: the real engine with the real grains, over the world's seams.</summary>
internal sealed class SimSilo : IDisposable
{
    /// <summary>As <see cref="SiloOptions.ResponseTimeout"/>.</summary>
    internal static readonly TimeSpan ResponseTimeout = new SiloOptions().ResponseTimeout;

    private readonly CancellationTokenSource _stopping = new();
    private readonly SimStore _store;

    private SimSilo(SimProcess process, SimDisk disk)
    {
        Process = process;
        _store = new SimStore(disk, process);
        Engine = new GrainEngine(new SimServices(process, _store), SimServices.EngineOptions(disk.Random, ResponseTimeout));
    }

    internal SimProcess Process { get; }

    internal GrainEngine Engine { get; }

    /// <summary>Starts a silo in its process; it is there when the entrance opens.</summary>
    internal static SimSilo Start(SimProcess process, SimDisk disk, Entrance entrance)
    {
        var silo = new SimSilo(process, disk);
        process.Start(() => silo.Begin(entrance));
        return silo;
    }

    /// <summary>Shuts down as the host would: no new calls, turns end, what waits is written; then the process is over.</summary>
    internal void Stop() => Process.Start(() => _ = StopAsync());

    /// <inheritdoc/>
    public void Dispose()
    {
        Engine.Dispose();
        _stopping.Dispose();
    }

    private void Begin(Entrance entrance)
    {
        try
        {
            _store.OpenAll();
        }
        catch (StoreException)
        {
            // Another life holds a file: the operator's supervisor starts it again.
            Process.Crash();
            return;
        }

        Engine.Start();
        var warmup = new Warmup(_store, Engine, Options.Create(new SiloOptions()), Process.Clock, NullLogger<Warmup>.Instance);
        var pending = new PendingWork(_store, Engine, Process.Clock, NullLogger<PendingWork>.Instance);
        _ = warmup.LoadAsync(_stopping.Token);
        _ = pending.FinishAsync(_stopping.Token);
        entrance.Open(Process, Engine);
    }

    private async Task StopAsync()
    {
        _stopping.Cancel();
        await Engine.StopAsync(CancellationToken.None);
        for (var unit = 0; unit < _store.Units; unit++)
            await _store.Close(unit);
        Process.Crash();
    }
}
