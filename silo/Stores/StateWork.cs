using System.Buffers;
using System.Globalization;
using Grid.Codec;

namespace Grid.Silo.Stores;

/// <summary>A state to be written or cleared, and the grain's facet that hears of it.</summary>
internal sealed class StateWork<T> : StoreWork
{
    private static readonly bool s_hasPending = typeof(IPendingWork).IsAssignableFrom(typeof(T));

    private readonly TaskCompletionSource _done = new();
    private readonly string _table;
    private readonly GrainId _grain;
    private readonly StateKey _key;
    private readonly IGrainState<T> _target;
    private readonly long _known;
    private readonly bool _clear;
    private readonly bool _pending;
    private readonly int _length;
    private byte[]? _buffer;
    private StateOutcome _outcome;

    internal StateWork(string table, GrainId grain, in StateKey key, IGrainState<T> target, long known, bool clear)
    {
        _table = table;
        _grain = grain;
        _key = key;
        _target = target;
        _known = known;
        _clear = clear;
        if (clear)
            return;
        // Here, on the caller's thread: the writer's time is what all wait for.
        _pending = s_hasPending && target.State is IPendingWork { HasPendingWork: true };
        (_buffer, _length) = Encode(target.State);
    }

    /// <summary>Completes after the commit.</summary>
    internal Task Done => _done.Task;

    /// <inheritdoc/>
    internal override void Apply(FileWriter writer) => _outcome = writer
        .States(_table, s_hasPending)
        .Write(_key, _known, _pending, _buffer.AsSpan(0, _length), _clear);

    /// <inheritdoc/>
    internal override void Release()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    /// <inheritdoc/>
    protected override void Succeed()
    {
        if (!_outcome.Written)
        {
            _done.SetException(new InconsistentStateException(
                $"{_grain} has another version in {_table} than the one it was read with.",
                _outcome.Version > 0 ? Format(_outcome.Version) : null,
                _known > 0 ? Format(_known) : null));
            return;
        }

        _target.ETag = _clear ? null : Format(_outcome.Version);
        _target.RecordExists = !_clear;
        _done.SetResult();
    }

    /// <inheritdoc/>
    protected override void Fail(StoreException fault) => _done.SetException(fault);

    private static string Format(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static (byte[] Buffer, int Length) Encode(T? state)
    {
        Span<byte> scratch = stackalloc byte[1_024];
        var writer = new CodecWriter(scratch);
        try
        {
            Codec<T>.Instance.Write(ref writer, state);
            var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, writer.Length));
            writer.Written.CopyTo(buffer);
            return (buffer, writer.Length);
        }
        finally
        {
            writer.Dispose();
        }
    }
}
