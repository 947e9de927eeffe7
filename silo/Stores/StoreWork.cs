using System.Diagnostics;

namespace Grid.Silo.Stores;

/// <summary>
/// Work for the next group of a lane. Its caller is answered once: when the group is done, or by the watch if the store
/// stalls.
/// </summary>
internal abstract class StoreWork
{
    private int _answered;
    private StoreException? _refused;
    private Activity? _asker;

    /// <summary>The rows that it reads or writes.</summary>
    internal virtual int Rows => 1;

    /// <summary>Whether the caller was answered.</summary>
    internal bool IsAnswered => Volatile.Read(ref _answered) != 0;

    /// <summary>When it was queued, as a timestamp of the store's clock.</summary>
    internal long QueuedAt { get; set; }

    /// <summary>The caller's span; null if it is not traced.</summary>
    internal Activity? Asker
    {
        set => _asker = value;
    }

    /// <summary>
    /// Returns the caller's span to the first thread that records the end of the work, null to others.
    /// </summary>
    internal Activity? TakeAsker() => _asker is null ? null : Interlocked.Exchange(ref _asker, null);

    /// <summary>Makes the answer a failure, whatever the outcome of the group.</summary>
    internal void Refuse(StoreException failure) => Volatile.Write(ref _refused, failure);

    /// <summary>Answers the caller, once.</summary>
    /// <param name="failure">Why the write failed or is unknown; null on success.</param>
    internal void Answer(StoreException? failure)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0)
            return;
        if ((Volatile.Read(ref _refused) ?? failure) is { } reason)
            Fail(reason);
        else
            Succeed();
    }

    /// <summary>Returns rented buffers, once the lane has finished with the work.</summary>
    internal virtual void Release() { }

    protected abstract void Succeed();

    protected abstract void Fail(StoreException failure);
}

/// <summary>A write of the next commit.</summary>
internal abstract class WriteWork : StoreWork
{
    /// <summary>
    /// Writes its rows in the open transaction and keeps the answer. An outcome of the caller's own, such as a
    /// conflict, is an answer; an exception fails the whole group.
    /// </summary>
    internal abstract void Apply(IGroupWriter writer);
}
