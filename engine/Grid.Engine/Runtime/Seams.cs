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

    /// <summary>
    /// The version of the view of the cluster that <see cref="Route"/> follows. It tells another silo that sent a call to
    /// the wrong place which view it lacks.
    /// </summary>
    long ViewVersion => 0;
}

/// <summary>The way to another silo, or the room where calls wait until it is known which one.</summary>
public interface IGrainTransport
{
    /// <summary>
    /// Whether it leads to another silo. Then a call that came from another silo is not sent here, but answered with
    /// "not the owner", so that no call goes round in circles. False for a room where calls wait for a grain that will be here.
    /// </summary>
    bool IsElsewhere => true;

    /// <summary>
    /// Takes the call, and owns it from now on. In the end it gives it to another transport or to
    /// <see cref="Wire.ICallReceiver.Dispatch"/>, or ends it by <see cref="PendingCall.SetResult"/> or
    /// <see cref="PendingCall.SetException"/> and then lets go of it with <see cref="PendingCall.LetGo"/>. Its time-out runs already: a call
    /// may have ended (<see cref="PendingCall.IsEnded"/>) while it waited; it is let go of all the same. Never throws, never blocks.
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
