using Grid.Engine.Runtime;

namespace Grid.Engine.Wire;

/// <summary>What the sessions of one network share.</summary>
/// <param name="Options">Bounds and times.</param>
/// <param name="Time">The clock.</param>
/// <param name="Metrics">The figures.</param>
/// <param name="Receiver">Who makes the calls of others; null where no grains are.</param>
internal sealed record SessionParts(WireOptions Options, TimeProvider Time, WireMetrics Metrics, ICallReceiver? Receiver)
{
    /// <summary>Who handles control messages, if anybody does.</summary>
    internal required Func<IControlHandler?> Handler { get; init; }

    /// <summary>Runs an item on another stack.</summary>
    internal required Action<IThreadPoolWorkItem> Queue { get; init; }

    /// <summary>Told when the other side takes no more calls.</summary>
    internal required Action<WireSession, string> Left { get; init; }
}
