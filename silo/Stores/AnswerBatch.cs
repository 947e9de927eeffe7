namespace Grid.Silo.Stores;

/// <summary>
/// Answers the callers of one commit on the thread pool. A few work items share the list, which costs less than one
/// item per caller. A slow continuation delays only its own item; the other items take the remaining callers.
/// </summary>
internal sealed class AnswerBatch(StoreWork[] works, StoreException? failure) : IThreadPoolWorkItem
{
    private const int CallersPerItem = 8;

    private static readonly int MaxItems = Environment.ProcessorCount * 2;

    private int _next = -1;

    /// <summary>Starts answering and returns at once.</summary>
    internal static void Dispatch(StoreWork[] works, StoreException? failure)
    {
        var batch = new AnswerBatch(works, failure);
        var items = Math.Min((works.Length + CallersPerItem - 1) / CallersPerItem, MaxItems);
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
            works[index].Answer(failure);
    }
}
