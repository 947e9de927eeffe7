namespace Grid.Silo.Cluster;

/// <summary>
/// Open until a moment of the monotonic clock, which good reads of the membership move forward. So a silo that is cut off, or
/// stood still and goes on, stops answering before its successors begin. It starts shut.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class Gate(TimeProvider time) : IGate
{
    private const long ForEver = long.MinValue;
    private const long NotYet = ForEver + 1;
    private long _openUntil = NotYet;

    /// <inheritdoc/>
    public bool IsOpen => time.GetTimestamp() < Volatile.Read(ref _openUntil);

    /// <summary>Whether it was shut for ever.</summary>
    internal bool IsShutForEver => Volatile.Read(ref _openUntil) == ForEver;

    /// <summary>Keeps it open for a time from a moment on, which may lie in the past. Never shortens.</summary>
    /// <param name="from">A timestamp of the clock.</param>
    /// <param name="lease">How long.</param>
    internal void Hold(long from, TimeSpan lease) => Move(EndOf(from, lease), onlyOpen: false);

    /// <summary>The same, but opens nothing that has shut.</summary>
    internal void HoldOpen(long from, TimeSpan lease) => Move(EndOf(from, lease), onlyOpen: true);

    /// <summary>This silo is dead to the others, or about to end. Nothing opens the gate again.</summary>
    internal void ShutForEver() => Volatile.Write(ref _openUntil, ForEver);

    private long EndOf(long from, TimeSpan lease) => from + (long)(lease.TotalSeconds * time.TimestampFrequency);

    private void Move(long end, bool onlyOpen)
    {
        while (true)
        {
            var until = Volatile.Read(ref _openUntil);
            if (until == ForEver || end <= until || (onlyOpen && time.GetTimestamp() >= until))
                return;
            if (Interlocked.CompareExchange(ref _openUntil, end, until) == until)
                return;
        }
    }
}
