namespace Grid.Tests.Engine;

/// <summary>A stateless worker.</summary>
public interface IWorkerGrain : IGrainWithGuidKey
{
    /// <summary>Waits at a gate.</summary>
    Task Work(string gate);
}

/// <inheritdoc cref="IWorkerGrain"/>
[StatelessWorker(2)]
public sealed class WorkerGrain : Grain, IWorkerGrain
{
    /// <inheritdoc/>
    public Task Work(string gate) => Gates.Pass(gate);
}

/// <summary>A grain that filters its own calls.</summary>
public interface IFilteringGrain : IGrainWithGuidKey
{
    /// <summary>The argument, made twice as large by the filter.</summary>
    Task<int> Twice(int number);

    /// <summary>A method without a result.</summary>
    ValueTask Nothing();
}

/// <inheritdoc cref="IFilteringGrain"/>
public sealed class FilteringGrain : Grain, IFilteringGrain, IIncomingGrainCallFilter
{
    /// <inheritdoc/>
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await context.Invoke();
        if (context.MethodName == nameof(Twice))
        {
            context.Result = 2 * (int)context.Result!;
        }
    }

    /// <inheritdoc/>
    public Task<int> Twice(int number) => Task.FromResult(number);

    /// <inheritdoc/>
    public ValueTask Nothing() => default;
}
