namespace Grid.Tests.Engine;

/// <summary>A grain with two stored states.</summary>
public interface ICounterGrain : IGrainWithGuidKey
{
    /// <summary>Adds and writes.</summary>
    Task<int> Add(int step);

    /// <summary>The value.</summary>
    [ReadOnly]
    ValueTask<int> Value();

    /// <summary>The version of the first state.</summary>
    [ReadOnly]
    ValueTask<string?> Etag();

    /// <summary>Removes the first state.</summary>
    Task<bool> Clear();

    /// <summary>Writes, and takes an error for an answer.</summary>
    Task<bool> TryAdd(int step);

    /// <summary>The text in the second state.</summary>
    [ReadOnly]
    ValueTask<string> Note();
}

/// <summary>The first state.</summary>
[GenerateSerializer]
public sealed class CounterState
{
    /// <summary>The value.</summary>
    [Id(0)] public int Value { get; set; }
}

/// <summary>The second state.</summary>
[GenerateSerializer]
public sealed class NoteState
{
    /// <summary>A text.</summary>
    [Id(0)] public string Text { get; set; } = "nothing noted";
}

/// <inheritdoc cref="ICounterGrain"/>
[GrainType("test-counter")]
public sealed class CounterGrain(
    [PersistentState("counter", "grid")] IPersistentState<CounterState> counter,
    [PersistentState("note")] IPersistentState<NoteState> note) : Grain, ICounterGrain
{
    /// <inheritdoc/>
    public async Task<int> Add(int step)
    {
        counter.State.Value += step;
        await counter.WriteStateAsync();
        return counter.State.Value;
    }

    /// <inheritdoc/>
    public ValueTask<int> Value() => new(counter.State.Value);

    /// <inheritdoc/>
    public ValueTask<string?> Etag() => new(counter.Etag);

    /// <inheritdoc/>
    public async Task<bool> Clear()
    {
        await counter.ClearStateAsync();
        return counter.RecordExists;
    }

    /// <inheritdoc/>
    public async Task<bool> TryAdd(int step)
    {
        try
        {
            await Add(step);
            return true;
        }
        catch (InconsistentStateException)
        {
            await counter.ReadStateAsync();
            return false;
        }
    }

    /// <inheritdoc/>
    public ValueTask<string> Note() => new(note.State.Text);
}
