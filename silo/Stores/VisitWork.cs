using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Grid.Scans;

namespace Grid.Silo.Stores;

/// <summary>Receipts for visits whose id already has a row.</summary>
internal static class VisitReceipts
{
    /// <summary>The receipt for an id that already has a row: a replay of the same scan, or a conflict.</summary>
    internal static VisitReceipt Standing(Visit standing, Visit visit) =>
        new(standing.Content == visit.Content ? VisitStatus.Replayed : VisitStatus.Conflict, standing);
}

/// <summary>One visit to write.</summary>
internal sealed class VisitWork(Visit visit) : WriteWork, IVisitTarget, IValueTaskSource<VisitReceipt>
{
    private ManualResetValueTaskSourceCore<VisitReceipt> _done;
    private VisitReceipt _receipt;

    /// <summary>Completes after the commit. Await it once.</summary>
    internal ValueTask<VisitReceipt> Done => new(this, _done.Version);

    /// <inheritdoc/>
    internal override void Apply(IGroupWriter writer) => writer.Write(visit, this, 0);

    /// <inheritdoc/>
    public void Receive(int index, in VisitReceipt receipt) => _receipt = receipt;

    /// <inheritdoc/>
    protected override void Succeed() => _done.SetResult(_receipt);

    /// <inheritdoc/>
    protected override void Fail(StoreException failure) => _done.SetException(failure);

    VisitReceipt IValueTaskSource<VisitReceipt>.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<VisitReceipt>.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource<VisitReceipt>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _done.OnCompleted(continuation, state, token, flags);
}

/// <summary>Several visits of one file, in one commit.</summary>
internal sealed class VisitsWork(Visit[] visits) : WriteWork, IVisitTarget
{
    private readonly TaskCompletionSource<VisitReceipt[]> _done = new();
    private readonly VisitReceipt[] _receipts = new VisitReceipt[visits.Length];

    /// <summary>Completes after the commit.</summary>
    internal Task<VisitReceipt[]> Done => _done.Task;

    /// <inheritdoc/>
    internal override int Rows => visits.Length;

    /// <inheritdoc/>
    internal override void Apply(IGroupWriter writer)
    {
        for (var index = 0; index < visits.Length; index++)
            writer.Write(visits[index], this, index);
    }

    /// <inheritdoc/>
    public void Receive(int index, in VisitReceipt receipt) => _receipts[index] = receipt;

    /// <inheritdoc/>
    protected override void Succeed() => _done.SetResult(_receipts);

    /// <inheritdoc/>
    protected override void Fail(StoreException failure) => _done.SetException(failure);
}

/// <summary>Several visits spread over files; each file writes its part.</summary>
internal sealed class VisitBatch(Visit[] visits, int parts) : IVisitTarget
{
    private readonly TaskCompletionSource<VisitReceipt[]> _done = new();
    private readonly VisitReceipt[] _receipts = new VisitReceipt[visits.Length];
    private int _open = parts;
    private StoreException? _failure;

    /// <summary>Completes after the last part's commit.</summary>
    internal Task<VisitReceipt[]> Done => _done.Task;

    internal void Apply(IGroupWriter writer, List<int> part)
    {
        foreach (var index in part)
            writer.Write(visits[index], this, index);
    }

    /// <inheritdoc/>
    public void Receive(int index, in VisitReceipt receipt) => _receipts[index] = receipt;

    internal void PartDone(StoreException? failure)
    {
        if (failure is not null)
            Interlocked.CompareExchange(ref _failure, failure, null);
        if (Interlocked.Decrement(ref _open) > 0)
            return;
        if (_failure is null)
            _done.SetResult(_receipts);
        else
            _done.SetException(_failure);
    }
}

/// <summary>The part of a batch that one file writes, in one commit.</summary>
internal sealed class VisitBatchPart(VisitBatch batch, List<int> indexes) : WriteWork
{
    /// <inheritdoc/>
    internal override int Rows => indexes.Count;

    /// <inheritdoc/>
    internal override void Apply(IGroupWriter writer) => batch.Apply(writer, indexes);

    /// <inheritdoc/>
    protected override void Succeed() => batch.PartDone(null);

    /// <inheritdoc/>
    protected override void Fail(StoreException failure) => batch.PartDone(failure);
}
