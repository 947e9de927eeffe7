namespace Grid.Silo.Cluster;

/// <summary>
/// Open until a time on the monotonic clock, which successful membership reads extend. A silo that is cut off, or that
/// freezes and resumes, stops answering before its successors start. The gate starts shut.
/// </summary>
internal sealed class Gate(TimeProvider time) : IGate
{
    private const long ForEver = long.MinValue;
    private const long NotYet = ForEver + 1;
    private long _openUntil = NotYet;

    /// <inheritdoc/>
    public bool IsOpen => time.GetTimestamp() < Volatile.Read(ref _openUntil);

    /// <summary>Whether the gate was shut permanently.</summary>
    internal bool IsShutForEver => Volatile.Read(ref _openUntil) == ForEver;

    /// <summary>
    /// Extends the gate to <paramref name="lease"/> after <paramref name="from"/>, which may lie in the past. Never
    /// shortens.
    /// </summary>
    /// <param name="from">A timestamp of the clock.</param>
    /// <param name="lease">The duration.</param>
    internal void Hold(long from, TimeSpan lease) => Move(EndOf(from, lease), onlyOpen: false);

    /// <summary>Like <see cref="Hold"/>, but does not reopen a gate that has shut.</summary>
    internal void HoldOpen(long from, TimeSpan lease) => Move(EndOf(from, lease), onlyOpen: true);

    /// <summary>Shuts the gate permanently: this silo was declared dead or is about to end.</summary>
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
