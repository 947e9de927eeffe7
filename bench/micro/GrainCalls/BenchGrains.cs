namespace Grid.Bench.Micro.GrainCalls;

/// <summary>A small grain with a state.</summary>
public interface IBenchGrain : IGrainWithGuidKey
{
    /// <summary>A read that interleaves, like a display.</summary>
    [AlwaysInterleave]
    ValueTask<int> Show(int step);

    /// <summary>A turn that completes synchronously.</summary>
    ValueTask<int> Add(int step);

    /// <summary>A turn that returns a <see cref="Task{TResult}"/>.</summary>
    Task<int> AddAsTask(int step);

    /// <summary>A turn that continues after an await, like a durable write.</summary>
    Task<int> AddLater(int step);
}

/// <summary>The state of <see cref="BenchGrain"/>.</summary>
[GenerateSerializer]
public sealed class BenchState
{
    /// <summary>A number.</summary>
    [Id(0)]
    public int Value { get; set; }
}

/// <inheritdoc cref="IBenchGrain"/>
[GrainType("bench")]
public sealed class BenchGrain([PersistentState("bench")] IPersistentState<BenchState> state) : Grain, IBenchGrain
{
    /// <inheritdoc/>
    public ValueTask<int> Show(int step) => new(state.State.Value + step);

    /// <inheritdoc/>
    public ValueTask<int> Add(int step) => new(state.State.Value += step);

    /// <inheritdoc/>
    public Task<int> AddAsTask(int step) => Task.FromResult(state.State.Value += step);

    /// <inheritdoc/>
    public async Task<int> AddLater(int step)
    {
        await Task.Yield();
        return state.State.Value += step;
    }
}

/// <summary>A store that keeps nothing.</summary>
public sealed class NoStorage : IGrainStorage
{
    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;
}
