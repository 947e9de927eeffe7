using System.Diagnostics;

namespace Grid.Silo.Stores;

/// <summary>
/// Something to be done in the next group of a lane. Its caller is answered once: when the group is done, or by the watch
/// when the store stalls, whoever comes first.
/// </summary>
internal abstract class StoreWork
{
    private int _answered;
    private StoreException? _refused;
    private Activity? _asker;

    /// <summary>Rows that it reads or writes.</summary>
    internal virtual int Rows => 1;

    /// <summary>Whether its caller has heard.</summary>
    internal bool IsAnswered => Volatile.Read(ref _answered) != 0;

    /// <summary>When it was queued, as a timestamp of the store's clock.</summary>
    internal long QueuedAt { get; set; }

    /// <summary>The span of who asks; null when nobody traces it.</summary>
    internal Activity? Asker
    {
        set => _asker = value;
    }

    /// <summary>The same for whoever comes first to tell of the work's end, null for others.</summary>
    internal Activity? TakeAsker() => _asker is null ? null : Interlocked.Exchange(ref _asker, null);

    /// <summary>Whoever answers the caller from now on says that it was refused, whatever became of the others of its group.</summary>
    internal void Refuse(StoreException fault) => Volatile.Write(ref _refused, fault);

    /// <summary>Answers the caller, unless that was done.</summary>
    /// <param name="fault">Why nothing, or nothing for sure, was written; null when it was done.</param>
    internal void Answer(StoreException? fault)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0)
            return;
        if ((Volatile.Read(ref _refused) ?? fault) is { } told)
            Fail(told);
        else
            Succeed();
    }

    /// <summary>Gives back what was borrowed, once the lane is through with it.</summary>
    internal virtual void Release() { }

    protected abstract void Succeed();

    protected abstract void Fail(StoreException fault);
}

/// <summary>Something to be written in the next commit.</summary>
internal abstract class WriteWork : StoreWork
{
    /// <summary>
    /// Writes its rows within the open transaction, and remembers what to answer. An outcome that is the caller's own, such
    /// as a conflict, is an answer; an exception fails the whole group.
    /// </summary>
    internal abstract void Apply(IGroupWriter writer);
}
