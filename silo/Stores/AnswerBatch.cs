namespace Grid.Silo.Stores;

/// <summary>
/// Answers the callers of one commit on the thread pool: a few work items that share the list, instead of one a caller.
/// A continuation that takes long holds up only the item that runs it, the others take the rest.
/// </summary>
internal sealed class AnswerBatch(StoreWork[] works, StoreException? fault) : IThreadPoolWorkItem
{
    private const int CallersPerItem = 8;

    private static readonly int ItemsMax = Environment.ProcessorCount * 2;

    private int _next = -1;

    /// <summary>Starts to answer; returns at once.</summary>
    internal static void Dispatch(StoreWork[] works, StoreException? fault)
    {
        var batch = new AnswerBatch(works, fault);
        var items = Math.Min((works.Length + CallersPerItem - 1) / CallersPerItem, ItemsMax);
        for (var item = 0; item < items; item++)
            ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
    }

    /// <inheritdoc/>
    public void Execute()
    {
        for (
            var index = Interlocked.Increment(ref _next);
            index < works.Length;
            index = Interlocked.Increment(ref _next)
        )
            works[index].Answer(fault);
    }
}
