using System.Globalization;
using System.Runtime.InteropServices;
using Grid.Bench.Load.Processes;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>
/// Keeps every core busy with work that gives way to everything else, so that a slice of a core is worth the same whatever the
/// rest of the machine does. A core whose neighbour rests may be faster, and one that rests itself is slow to wake, most of all in
/// a virtual machine. Without a filler one silo is measured on a machine that idles and four on one that doesn't.
/// </summary>
internal sealed partial class IdleFiller : IAsyncDisposable
{
    /// <summary>The command of this tool that is run as the filler.</summary>
    public const string Command = "fill";

    private const int IdlePolicy = 5;

    // 256 KiB: reads that miss the first cache and hit the second, as the silos' do.
    private const int TableLength = 1 << 16;

    private readonly ServerProcess _process;

    private IdleFiller(ServerProcess process) => _process = process;

    /// <summary>What it has taken so far, which is as good as idle.</summary>
    public double CpuSeconds => ProcessClock.Seconds(_process.Pid) ?? 0;

    public static IdleFiller Start(string folder) => new(ServerProcess.Start(
        Command, ServerProcess.Dotnet(typeof(IdleFiller).Assembly.Location, Command), Path.Combine(folder, $"{Command}.log")));

    /// <summary>Runs as the filler until it is ended.</summary>
    public static int Run(CancellationToken stop)
    {
        var threads = Enumerable.Range(0, Environment.ProcessorCount)
            .Select(i => new Thread(() => Fill((uint)i, stop)) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"fill-{i}") })
            .ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return 0;
    }

    private static void Fill(uint seed, CancellationToken stop)
    {
        // Of this thread alone. Where it is refused the filler would take from those who are measured: none then.
        var priority = 0;
        if (SetScheduler(0, IdlePolicy, ref priority) != 0)
            return;
        var table = new uint[TableLength];
        for (var i = 0; i < table.Length; i++)
            table[i] = (uint)i * 2_654_435_761u;
        var (x, y) = (seed + 1, seed + 2);
        while (!stop.IsCancellationRequested)
        {
            for (var i = 0; i < 10_000; i++)
            {
                x = x * 1_664_525 + table[y & (TableLength - 1)];
                y = (y ^ (x >> 7)) + table[x & (TableLength - 1)];
            }
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, ref int priority);
}
