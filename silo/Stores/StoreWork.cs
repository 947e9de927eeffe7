namespace Grid.Silo.Stores;

/// <summary>
/// Something to be written in the next commit of a file. Its caller is answered once: by the writer after the commit, or
/// by the watch when the disk stalls, whoever comes first.
/// </summary>
internal abstract class StoreWork
{
    private int _answered;

    /// <summary>Rows that it writes.</summary>
    internal virtual int Rows => 1;

    /// <summary>Whether its caller has heard.</summary>
    internal bool IsAnswered => Volatile.Read(ref _answered) != 0;

    /// <summary>When it was queued, as a timestamp of the store's clock.</summary>
    internal long QueuedAt { get; set; }

    /// <summary>
    /// Writes its rows within the open transaction, and remembers what to answer. An outcome that is the caller's own, such
    /// as a conflict, is an answer; an exception fails the whole group.
    /// </summary>
    internal abstract void Apply(IGroupWriter writer);

    /// <summary>Answers the caller, unless that was done.</summary>
    /// <param name="fault">Why nothing, or nothing for sure, was written; null after a commit.</param>
    internal void Answer(StoreException? fault)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0)
            return;
        if (fault is null)
            Succeed();
        else
            Fail(fault);
    }

    /// <summary>Gives back what was borrowed, once the writer is through with it.</summary>
    internal virtual void Release()
    {
    }

    protected abstract void Succeed();

    protected abstract void Fail(StoreException fault);
}
