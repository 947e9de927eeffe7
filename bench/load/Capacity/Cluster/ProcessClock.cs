using System.Runtime.InteropServices;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>
/// CPU time of a process, including ended threads, in nanoseconds. The clock ticks of /proc are too coarse for a
/// process that is limited to a tenth of a core for three seconds.
/// </summary>
internal static partial class ProcessClock
{
    private const int SchedulerClock = 2;

    /// <summary>CPU seconds so far; null when the process does not exist or the system has no such clock.</summary>
    public static double? Seconds(int pid)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        // Encodes CLOCK_PROCESS_CPUTIME_ID of another process: see clock_getcpuclockid(3).
        var clock = (~pid << 3) | SchedulerClock;
        return GetTime(clock, out var time) == 0 ? time.Seconds + time.Nanoseconds / 1e9 : null;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);
}
