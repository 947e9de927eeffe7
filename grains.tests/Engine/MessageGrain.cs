namespace Grid.Tests.Engine;

/// <summary>A grain that keeps what it is given and gives it away again.</summary>
public interface IMessageGrain : IGrainWithStringKey
{
    /// <summary>Keeps a list.</summary>
    Task Keep(List<int> numbers);

    /// <summary>What it keeps.</summary>
    [ReadOnly]
    ValueTask<List<int>> Kept();

    /// <summary>The same in a method that awaits.</summary>
    Task<List<int>> KeptLater();

    /// <summary>Gives a fixed object back.</summary>
    ValueTask<FixedThing> Same(FixedThing thing);

    /// <summary>Gives a list back that the caller promised not to change.</summary>
    Task<bool> IsSame([Immutable] List<int> numbers);

    /// <summary>Throws on the caller's stack.</summary>
    Task FailAtOnce(string message);

    /// <summary>Throws after an await.</summary>
    ValueTask<int> FailLater(string message);

    /// <summary>Returns no task.</summary>
    Task Nothing();
}

/// <summary>A mutable message that is promised not to be changed.</summary>
[GenerateSerializer, Immutable]
public sealed class FixedThing
{
    /// <summary>A number.</summary>
    [Id(0)] public int Value { get; set; }
}

/// <summary>An error of a grain.</summary>
public sealed class GrainTroubleException(string message) : Exception(message);

/// <inheritdoc cref="IMessageGrain"/>
public sealed class MessageGrain : Grain, IMessageGrain
{
    /// <summary>What a test left here to compare with, by the grain's key.</summary>
    internal static readonly System.Collections.Concurrent.ConcurrentDictionary<string, object> Left = new();

    private List<int> _kept = [];

    /// <inheritdoc/>
    public Task Keep(List<int> numbers)
    {
        _kept = numbers;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<List<int>> Kept() => new(_kept);

    /// <inheritdoc/>
    public async Task<List<int>> KeptLater()
    {
        await Task.Yield();
        return _kept;
    }

    /// <inheritdoc/>
    public ValueTask<FixedThing> Same(FixedThing thing) => new(thing);

    /// <inheritdoc/>
    public Task<bool> IsSame(List<int> numbers) =>
        Task.FromResult(ReferenceEquals(numbers, Left[this.GetPrimaryKeyString()]));

    /// <inheritdoc/>
    public Task FailAtOnce(string message) => throw new GrainTroubleException(message);

    /// <inheritdoc/>
    public async ValueTask<int> FailLater(string message)
    {
        await Task.Yield();
        throw new GrainTroubleException(message);
    }

    /// <inheritdoc/>
    public Task Nothing() => null!;
}
