using System.Runtime.CompilerServices;

namespace Grid.Engine.Runtime;

/// <summary>
/// Until when a silo of a cluster may answer for what it has in memory. Asked at every call of a local grain, so that a silo
/// which was frozen, or cut off, answers nothing that another silo may have changed meanwhile.
/// </summary>
public sealed class LeaseGate(TimeProvider time)
{
    private long _until = long.MinValue;

    /// <summary>Whether the silo may answer now.</summary>
    public bool IsOpen
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => time.GetTimestamp() < Volatile.Read(ref _until);
    }

    /// <summary>Opens the gate until a moment of the monotonic clock, which may lie in the past, unless it is open for longer.</summary>
    /// <param name="timestamp">As of <see cref="TimeProvider.GetTimestamp"/>.</param>
    public void OpenUntil(long timestamp) => Volatile.Write(ref _until, Math.Max(timestamp, Volatile.Read(ref _until)));

    /// <summary>Shuts it now.</summary>
    public void Shut() => Volatile.Write(ref _until, long.MinValue);
}
