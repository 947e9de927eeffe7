using System.Globalization;
using System.Runtime.CompilerServices;

namespace Grid.Engine.Runtime;

/// <summary>What all records of one constructor parameter have in common.</summary>
public sealed class StateSlot<T>(string name, IGrainStorage storage, Func<T> create)
{
    internal readonly string Name = name;
    internal readonly IGrainStorage Storage = storage;
    internal readonly Func<T> Create = create;
}

/// <summary>A record that was read in bulk, on its way into an activation.</summary>
internal abstract class StateSeed(string name, long version)
{
    internal readonly string Name = name;
    internal readonly long Version = version;
}

internal sealed class StateSeed<T>(string name, T state, long version) : StateSeed(name, version)
{
    internal readonly T State = state;
}

/// <summary>A state that is loaded with its activation.</summary>
internal interface IFacet
{
    bool IsLoaded { get; }

    Task ReadStateAsync();
}

/// <summary>The states of a grain that is being made.</summary>
public struct FacetSet
{
    private readonly StateSeed? _seed;
    private IFacet? _first;
    private List<IFacet>? _others;

    internal FacetSet(StateSeed? seed) => _seed = seed;

    internal readonly int Count => _first is null ? 0 : 1 + (_others?.Count ?? 0);

    internal readonly IFacet this[int index] => index == 0 ? _first! : _others![index - 1];

    /// <summary>Makes the state of a constructor parameter.</summary>
    public IPersistentState<T> Add<T>(Activation activation, StateSlot<T> slot)
    {
        var facet = new PersistentState<T>(activation, slot);
        if (_seed is StateSeed<T> seed && seed.Name == slot.Name)
        {
            facet.Fill(seed);
        }

        if (_first is null)
        {
            _first = facet;
        }
        else
        {
            (_others ??= []).Add(facet);
        }

        return facet;
    }
}

/// <summary>
/// The state of an activation, and at the same time what its store reads and writes. 48 bytes: the ETag is kept as a number
/// and written out when asked for; one that is no number (of a store that is not the grid's) is kept aside.
/// </summary>
internal sealed class PersistentState<T> : IPersistentState<T>, IGrainState<T>, IFacet
{
    private const long Exists = long.MinValue;
    private const long Loaded = 1L << 62;
    private const long TextTag = 1L << 61;
    private const long Numbers = TextTag - 1;

    private static readonly ConditionalWeakTable<PersistentState<T>, string> s_textTags = [];

    private readonly Activation _activation;
    private readonly StateSlot<T> _slot;
    private T? _state;

    // The flags above, and the numeric ETag + 1; 0 = none.
    private long _version;

    internal PersistentState(Activation activation, StateSlot<T> slot)
    {
        _activation = activation;
        _slot = slot;
    }

    public bool IsLoaded => (_version & Loaded) != 0;

    public T State
    {
        get => _state ??= _slot.Create();
        set => _state = value;
    }

    T? IGrainState<T>.State
    {
        get => State;
        set => _state = value;
    }

    public bool RecordExists
    {
        get => (_version & Exists) != 0;
        set => _version = value ? _version | Exists : _version & ~Exists;
    }

    public string? Etag
    {
        get
        {
            if ((_version & TextTag) != 0)
            {
                return s_textTags.TryGetValue(this, out var text) ? text : null;
            }

            return (_version & Numbers) is var number and > 0 ? (number - 1).ToString(CultureInfo.InvariantCulture) : null;
        }
    }

    string? IGrainState<T>.ETag
    {
        get => Etag;
        set => SetTag(value);
    }

    public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    public Task ReadStateAsync(CancellationToken cancellationToken)
    {
        _version |= Loaded;
        return Guard(_slot.Storage.ReadStateAsync(_slot.Name, _activation.GrainId, this, cancellationToken), cancellationToken);
    }

    public Task WriteStateAsync(CancellationToken cancellationToken) =>
        Guard(_slot.Storage.WriteStateAsync(_slot.Name, _activation.GrainId, this, cancellationToken), cancellationToken);

    // The store gives the state a new value: it alone knows what it left.
    public Task ClearStateAsync(CancellationToken cancellationToken) =>
        Guard(_slot.Storage.ClearStateAsync(_slot.Name, _activation.GrainId, this, cancellationToken), cancellationToken);

    internal void Fill(StateSeed<T> seed)
    {
        _state = seed.State;
        _version = Loaded | Exists | ((seed.Version + 1) & Numbers);
    }

    private Task Guard(Task operation, CancellationToken cancellation) =>
        operation.IsCompletedSuccessfully ? operation : Await(operation, cancellation);

    private async Task Await(Task operation, CancellationToken cancellation)
    {
        try
        {
            await operation;
        }
        catch (Exception fault) when (fault is not OrleansException
            && !(fault is OperationCanceledException && cancellation.IsCancellationRequested))
        {
            throw new OrleansException($"The store of the state '{_slot.Name}' failed: {fault.Message}", fault);
        }
    }

    private void SetTag(string? tag)
    {
        if ((_version & TextTag) != 0)
        {
            s_textTags.Remove(this);
        }

        _version &= Exists | Loaded;
        if (tag is null)
        {
            return;
        }

        if (IsPlainNumber(tag, out var number))
        {
            _version |= number + 1;
        }
        else
        {
            _version |= TextTag;
            s_textTags.Add(this, tag);
        }
    }

    // Only what would be written out the same again.
    private static bool IsPlainNumber(string tag, out long number) =>
        long.TryParse(tag, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number < Numbers && (tag.Length == 1 || tag[0] != '0');
}
