using System.Diagnostics.CodeAnalysis;

namespace Grid.Engine;

/// <summary>A timer of one activation. Disposing stops it; it ends with its activation.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets a new due time and period, each counted from now. <see cref="Timeout.InfiniteTimeSpan"/>: never.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>How a grain timer ticks.</summary>
public readonly struct GrainTimerCreationOptions()
{
    /// <summary>A timer with these times and no interleaving.</summary>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>From registration to the first tick; <see cref="Timeout.InfiniteTimeSpan"/> = does not start.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>From the end of one tick to the start of the next; <see cref="Timeout.InfiniteTimeSpan"/> = only once.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether a tick may begin while a call awaits. Without it, a tick is a turn like any other.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a tick counts as use, so that a ticking activation is not collected.</summary>
    public bool KeepAlive { get; init; }
}
