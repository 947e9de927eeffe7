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

    // The runtime begins each of its threads by the usual policy, whoever starts it: new ones are looked for.
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    /// <summary>Until it is disposed every thread is a batch thread soon after it began. Where there is no such policy nothing changes.</summary>
    internal static ITimer Keep(TimeProvider time) => time.CreateTimer(static _ => Apply(), null, TimeSpan.Zero, s_period);

    private static void Apply()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var priority = 0;
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            // One that has ended meanwhile is refused, and needs no policy.
            var id = int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);
            if (GetScheduler(id) == Usual)
                _ = SetScheduler(id, Batch, ref priority);
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_getscheduler")]
    private static partial int GetScheduler(int thread);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, ref int priority);
}
