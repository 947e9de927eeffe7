using System.Globalization;
using System.Runtime.InteropServices;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>Which cores the threads of a process may run on.</summary>
internal static partial class CpuAffinity
{
    // As many as the kernel's own mask has by default: 1,024 cores.
    private const int MaskBytes = 128;

    // Threads that began while others were pinned are found the second time; those that begin later inherit.
    private const int Passes = 2;

    private static readonly byte[] s_own = Own();

    /// <summary>The numbers of the cores that this tool may use itself.</summary>
    public static IReadOnlyList<int> Cores { get; } =
        [.. Enumerable.Range(0, MaskBytes * 8).Where(core => (s_own[core / 8] >> (core % 8) & 1) != 0)];

    /// <summary>From now on the process runs on one core.</summary>
    public static void Pin(int pid, int core)
    {
        var mask = new byte[MaskBytes];
        mask[core / 8] = (byte)(1 << (core % 8));
        Set(pid, mask);
    }

    /// <summary>Lets the process run on every core that this tool may use.</summary>
    public static void Free(int pid) => Set(pid, s_own);

    private static void Set(int pid, byte[] mask)
    {
        for (var pass = 0; pass < Passes; pass++)
        {
            var tasks = new DirectoryInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task"));
            if (!tasks.Exists)
                return;
            // A thread that ended meanwhile is refused, and needs no core.
            foreach (var task in tasks.EnumerateDirectories())
                _ = SetAffinity(int.Parse(task.Name, CultureInfo.InvariantCulture), MaskBytes, mask);
        }
    }

    private static byte[] Own()
    {
        var mask = new byte[MaskBytes];
        if (OperatingSystem.IsLinux())
            _ = GetAffinity(0, MaskBytes, mask);
        return mask;
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint bytes, byte[] mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nint bytes, byte[] mask);
}
