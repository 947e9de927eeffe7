using System.Globalization;
using System.Runtime.InteropServices;

namespace Grid.Silo.Hosting;

/// <summary>
/// Has the threads of this process scheduled as batch work. A silo's threads hand work to each other all the time; by the usual
/// policy each that is woken takes the core from the one that woke it, and a switch costs more than most of what there is to do.
/// </summary>
internal static partial class BatchScheduling
{
    private const int Batch = 3;

    /// <summary>From now on, for the threads that there are and those that they start. Where there is no such policy nothing changes.</summary>
    internal static void Begin()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var priority = 0;
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
            _ = SetScheduler(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), Batch, ref priority);
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, ref int priority);
}
