namespace Grid.Engine.Runtime;

/// <summary>Where turns run: the thread pool, or a simulator that picks the order itself.</summary>
public interface IGrainScheduler
{
    /// <summary>Runs the item soon, on another stack than the caller's.</summary>
    void Queue(IThreadPoolWorkItem item);
}

/// <summary>Says which partitions live here. Asked on the slow path only: a local activation is always right to use.</summary>
public interface IGrainRouter
{
    /// <summary>The way to the silo that owns the partition, or null when that is this one.</summary>
    IGrainTransport? Route(int partition);
}

/// <summary>The way to another silo.</summary>
public interface IGrainTransport
{
    /// <summary>
    /// Takes the call, which must be ended by <see cref="PendingCall.SetResult"/> or <see cref="PendingCall.SetException"/> in the end; its
    /// time-out runs already. Never throws, never blocks.
    /// </summary>
    void Send(PendingCall call);
}

internal sealed class PoolScheduler : IGrainScheduler
{
    public void Queue(IThreadPoolWorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
}

internal sealed class EverythingIsHere : IGrainRouter
{
    public IGrainTransport? Route(int partition) => null;
}
