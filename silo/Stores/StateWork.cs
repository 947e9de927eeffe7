using System.Buffers;
using System.Globalization;

namespace Grid.Silo.Stores;

/// <summary>The result of a write.</summary>
/// <param name="Written">Whether the state was written.</param>
/// <param name="Version">The stored version; 0 if there is no record.</param>
internal readonly record struct StateOutcome(bool Written, long Version);

/// <summary>A state to write or clear, as the writers see it.</summary>
/// <param name="table">The table of the kind of state.</param>
/// <param name="key">The key of the grain.</param>
/// <param name="known">The version that the caller last read or wrote; 0 if it knows no record.</param>
/// <param name="clear">Whether to clear the record's state.</param>
internal abstract class StateWork(string table, in StateKey key, long known, bool clear) : WriteWork
{
    private readonly StateKey _key = key;
    private byte[]? _buffer;
    private int _length;

    /// <summary>The table of the kind of state.</summary>
    internal string Table => table;

    /// <summary>Whether states of this kind can have pending work.</summary>
    internal abstract bool HasPending { get; }

    /// <summary>The key of the grain.</summary>
    internal ref readonly StateKey Key => ref _key;

    /// <summary>The version that the caller knows; 0 for none.</summary>
    internal long Known => known;

    /// <summary>Whether to clear the record's state.</summary>
    internal bool Clear => clear;

    /// <summary>Whether the state has pending work.</summary>
    internal bool Pending { get; private protected init; }

    /// <summary>The bytes to write; empty for a clear.</summary>
    internal ReadOnlyMemory<byte> State => _buffer.AsMemory(0, _length);

    /// <summary>The outcome; set by the writer.</summary>
    internal StateOutcome Outcome { get; set; }

    /// <inheritdoc/>
    internal override void Apply(IGroupWriter writer) => writer.Write(this);

    /// <inheritdoc/>
    internal override void Release()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        _length = 0;
    }

    private protected void Encode<T>(T? state)
    {
        var bytes = StateBytes.Write(state);
        _buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        _length = bytes.Length;
        bytes.CopyTo(_buffer);
    }
}

/// <summary>A state to write or clear, and the grain's facet that receives the outcome.</summary>
internal sealed class StateWork<T> : StateWork
{
    private static readonly bool PendingOf = typeof(IPendingWork).IsAssignableFrom(typeof(T));

    private readonly TaskCompletionSource _done = new();
    private readonly IGrainState<T> _target;

    internal StateWork(string table, in StateKey key, IGrainState<T> target, long known, bool clear)
        : base(table, key, known, clear)
    {
        _target = target;
        if (clear)
            return;
        // Encode on the caller's thread: all callers wait for the writer's thread.
        Pending = PendingOf && target.State is IPendingWork { HasPendingWork: true };
        Encode(target.State);
    }

    /// <summary>Completes after the commit.</summary>
    internal Task Done => _done.Task;

    /// <inheritdoc/>
    internal override bool HasPending => PendingOf;

    /// <inheritdoc/>
    protected override void Succeed()
    {
        if (!Outcome.Written)
        {
            _done.SetException(
                new InconsistentStateException(
                    $"A {TableNames.GrainTypeOf(Table)} in partition {Key.Partition} has another version"
                        + " than the one it was read with.",
                    Outcome.Version > 0 ? Format(Outcome.Version) : null,
                    Known > 0 ? Format(Known) : null
                )
            );
            return;
        }

        // As the storage contract requires: after a clear the grain starts with a new state.
        if (Clear)
            _target.State = Activator.CreateInstance<T>();
        _target.ETag = Clear ? null : Format(Outcome.Version);
        _target.RecordExists = !Clear;
        _done.SetResult();
    }

    /// <inheritdoc/>
    protected override void Fail(StoreException failure) => _done.SetException(failure);

    private static string Format(long version) => version.ToString(CultureInfo.InvariantCulture);
}
