using Grid.Engine.Runtime;
using Microsoft.Extensions.Hosting;

namespace Grid.Engine.Hosting;

/// <summary>Starts the engine with the host, and drains it when the host stops.</summary>
internal sealed class EngineService(GrainEngine engine) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        engine.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => engine.StopAsync(cancellationToken);
}
