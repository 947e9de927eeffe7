using System.Globalization;
using System.Runtime.InteropServices;

namespace Grid.Silo.Hosting;

/// <summary>
/// Has the threads of this process scheduled as batch work. A silo's threads hand work to each other all the time; by the usual
/// policy each that is woken takes the core from the one that woke it, and a switch costs more than most of what there is to do.
/// </summary>
internal static partial class BatchScheduling
{
    private const int Usual = 0, Batch = 3;

    // A thread that was started by one whose turn had not come is found the next time.
    private const int PassesMax = 10;

    /// <summary>From now on, for the threads that there are and those that they start. Where there is no such policy nothing changes.</summary>
    internal static void Begin()
    {
        for (var pass = 0; pass < PassesMax && OperatingSystem.IsLinux() && Change(); pass++)
        {
        }
    }

    private static bool Change()
    {
        var (changed, priority) = (false, 0);
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            var id = int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);
            changed |= GetScheduler(id) == Usual && SetScheduler(id, Batch, ref priority) == 0;
        }
        return changed;
    }

    [LibraryImport("libc", EntryPoint = "sched_getscheduler")]
    private static partial int GetScheduler(int thread);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, ref int priority);
}
