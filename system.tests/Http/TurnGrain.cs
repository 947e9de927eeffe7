namespace Grid.Tests.Http;

/// <summary>A grain that watches its own turns.</summary>
public interface ITurnGrain : IGrainWithGuidKey
{
    /// <summary>Increments with awaits in between; returns how many calls were inside at once.</summary>
    Task<int> CountSlowly();

    /// <summary>The count.</summary>
    [ReadOnly]
    ValueTask<int> Count();

    /// <summary>Waits at a gate, alone.</summary>
    Task Write(string gate);

    /// <summary>The same with a timeout of its own.</summary>
    [ResponseTimeout("00:00:02")]
    Task WriteBriefly(string gate);

    /// <summary>The same, and answers synchronously.</summary>
    ValueTask<int> WriteAtOnce();

    /// <summary>Waits at a gate, beside other reads.</summary>
    [ReadOnly]
    Task<int> Read(string gate);

    /// <summary>Waits at a gate, beside anything.</summary>
    [AlwaysInterleave]
    Task Peek(string gate);

    /// <summary>Runs beside other reads, awaiting often; returns the maximum that ran at the same instant.</summary>
    [ReadOnly]
    Task<int> ReadBusily();

    /// <summary>Waits at a gate, or for the token.</summary>
    Task WriteUntil(string gate, CancellationToken cancellation);
}

/// <inheritdoc cref="ITurnGrain"/>
public sealed class TurnGrain : Grain, ITurnGrain
{
    private int _count;
    private int _inside;
    private int _most;
    private int _running;
    private int _mostRunning;

    /// <inheritdoc/>
    public async Task<int> CountSlowly()
    {
        _most = Math.Max(_most, ++_inside);
        var count = _count;
        await Task.Yield();
        await Task.Yield();
        _count = count + 1;
        _inside--;
        return _most;
    }

    /// <inheritdoc/>
    public ValueTask<int> Count() => new(_count);

    /// <inheritdoc/>
    public async Task Write(string gate)
    {
        await Gates.Pass(gate);
        _count++;
    }

    /// <inheritdoc/>
    public Task WriteBriefly(string gate) => Write(gate);

    /// <inheritdoc/>
    public ValueTask<int> WriteAtOnce() => new(++_count);

    /// <inheritdoc/>
    public async Task<int> Read(string gate)
    {
        await Gates.Pass(gate);
        return _count;
    }

    /// <inheritdoc/>
    public Task Peek(string gate) => Gates.Pass(gate);

    /// <inheritdoc/>
    public async Task<int> ReadBusily()
    {
        for (var i = 0; i < 50; i++)
        {
            _mostRunning = Math.Max(_mostRunning, Interlocked.Increment(ref _running));
            Thread.SpinWait(50);
            Interlocked.Decrement(ref _running);
            await Task.Yield();
        }

        return _mostRunning;
    }

    /// <inheritdoc/>
    public async Task WriteUntil(string gate, CancellationToken cancellation)
    {
        await Gates.Pass(gate).WaitAsync(cancellation);
        _count++;
    }
}
