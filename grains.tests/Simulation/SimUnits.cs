using Grid.Engine.Cluster;
using Microsoft.Extensions.Logging;

namespace Grid.Tests.Simulation;

/// <summary>The simulated store as a silo of a cluster opens and closes its units.</summary>
internal sealed class SimUnits : IUnitStore
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(700);

    private readonly SimStore _store;
    private readonly SimProcess _process;

    internal SimUnits(SimStore store, SimProcess process)
    {
        (_store, _process) = (store, process);
        store.Fenced += unit => Fenced?.Invoke(unit);
    }

    /// <inheritdoc/>
    public int Units => _store.Units;

    /// <inheritdoc/>
    public event Action<int>? Fenced;

    /// <inheritdoc/>
    public async Task OpenAsync(int unit, long epoch, CancellationToken cancellation)
    {
        await Task.Delay(new TimeSpan(_process.World.Schedule.Ticks(0.2, 3)), _process.Clock, cancellation);
        if (_store.IsServer && _process.IsCutOff())
        {
            await Task.Delay(s_patience, _process.Clock, cancellation);
            throw new StoreException(StoreFaults.Unavailable, "The simulated server can't be reached.");
        }

        try
        {
            _store.Open(unit, epoch);
        }
        catch (StoreException fault) when (fault.Code == StoreFaults.Fenced)
        {
            throw new EpochFencedException(_store.EpochOf(unit), epoch);
        }
    }

    /// <inheritdoc/>
    public Task CloseAsync(int unit) => _store.Close(unit);
}

/// <summary>What the product logs, among what happened.</summary>
internal sealed class SimLogger(SimProcess process) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => process.World.Log.IsWritten;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            process.World.Log.Say($"{process.Name}: {formatter(state, exception)}{(exception is null ? "" : $" ({exception.Message})")}");
    }
}
