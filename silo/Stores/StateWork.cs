using System.Buffers;
using System.Globalization;

namespace Grid.Silo.Stores;

/// <summary>What the store holds of a state after a write was tried.</summary>
/// <param name="Written">Whether the write took place.</param>
/// <param name="Version">The version that stands; 0 when there is no record.</param>
internal readonly record struct StateOutcome(bool Written, long Version);

/// <summary>A state to be written or cleared, as the writers see it.</summary>
/// <param name="table">The table of the kind of state.</param>
/// <param name="key">Whose.</param>
/// <param name="known">The version that the caller read or wrote last; 0 when it knows of no record.</param>
/// <param name="clear">Leaves the record without a state.</param>
internal abstract class StateWork(string table, in StateKey key, long known, bool clear) : WriteWork
{
    private readonly StateKey _key = key;
    private byte[]? _buffer;
    private int _length;

    /// <summary>The table of the kind of state.</summary>
    internal string Table => table;

    /// <summary>Whether states of this kind can have work left.</summary>
    internal abstract bool HasPending { get; }

    /// <summary>Whose.</summary>
    internal ref readonly StateKey Key => ref _key;

    /// <summary>The version that the caller knows; 0 for none.</summary>
    internal long Known => known;

    /// <summary>Whether the record is left without a state.</summary>
    internal bool Clear => clear;

    /// <summary>Whether work is left.</summary>
    internal bool Pending { get; private protected init; }

    /// <summary>The bytes to be written; none when it is cleared.</summary>
    internal ReadOnlyMemory<byte> State => _buffer.AsMemory(0, _length);

    /// <summary>What the store answers; set by the writer.</summary>
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

/// <summary>A state to be written or cleared, and the grain's facet that hears of it.</summary>
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
        // Here, on the caller's thread: the writer's time is what all wait for.
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
                    $"A {TableNames.GrainTypeOf(Table)} in partition {Key.Partition} has another version than the one it was read with.",
                    Outcome.Version > 0 ? Format(Outcome.Version) : null,
                    Known > 0 ? Format(Known) : null
                )
            );
            return;
        }

        // As every store of the contract does: who goes on with a cleared record begins anew.
        if (Clear)
            _target.State = Activator.CreateInstance<T>();
        _target.ETag = Clear ? null : Format(Outcome.Version);
        _target.RecordExists = !Clear;
        _done.SetResult();
    }

    /// <inheritdoc/>
    protected override void Fail(StoreException fault) => _done.SetException(fault);

    private static string Format(long version) => version.ToString(CultureInfo.InvariantCulture);
}
