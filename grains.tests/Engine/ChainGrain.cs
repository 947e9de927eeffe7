namespace Grid.Tests.Engine;

/// <summary>A grain that calls others.</summary>
public interface IChainGrain : IGrainWithStringKey
{
    /// <summary>Comes to the gate with the grain's key, calls the first of the keys with the rest; at the end answers.</summary>
    Task<string> Forward(string[] keys);

    /// <summary>The same beside other reads.</summary>
    [ReadOnly]
    ValueTask<string> ForwardRead(string[] keys);

    /// <summary>Asks another to call back, and ends without waiting for it.</summary>
    Task SendAndGoOn(string key);

    /// <summary>Calls back.</summary>
    Task CallBack(string key);

    /// <summary>Comes to the gate with the grain's key, and does not wait.</summary>
    Task Back();

    /// <summary>Waits at a gate before it calls back.</summary>
    Task<string> WaitThenForward(string gate, string[] keys);
}

/// <inheritdoc cref="IChainGrain"/>
[GrainType("chain")]
public sealed class ChainGrain : Grain, IChainGrain
{
    /// <inheritdoc/>
    public async Task<string> Forward(string[] keys)
    {
        var here = this.GetPrimaryKeyString();
        _ = Gates.Pass(here);
        return keys.Length == 0 ? here : await GrainFactory.GetGrain<IChainGrain>(keys[0]).Forward(keys[1..]);
    }

    /// <inheritdoc/>
    public async ValueTask<string> ForwardRead(string[] keys) => keys.Length == 0
        ? this.GetPrimaryKeyString()
        : await GrainFactory.GetGrain<IChainGrain>(keys[0]).ForwardRead(keys[1..]);

    /// <inheritdoc/>
    public Task SendAndGoOn(string key)
    {
        _ = GrainFactory.GetGrain<IChainGrain>(key).CallBack(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CallBack(string key) => GrainFactory.GetGrain<IChainGrain>(key).Back();

    /// <inheritdoc/>
    public Task Back()
    {
        _ = Gates.Pass(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<string> WaitThenForward(string gate, string[] keys)
    {
        await Gates.Pass(gate);
        return await Forward(keys);
    }
}
