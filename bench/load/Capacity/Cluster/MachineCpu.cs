using System.Globalization;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>CPU time of all cores of the machine, from the first line of <c>/proc/stat</c>.</summary>
internal readonly record struct MachineCpu(double BusySeconds)
{
    private const double TicksPerSecond = 100;

    public static MachineCpu Read() =>
        File.Exists("/proc/stat") ? Parse(File.ReadLines("/proc/stat").First()) : default;

    /// <summary>
    /// Sums user, nice, system, irq, softirq and steal; not idle and iowait. User already contains guest time.
    /// </summary>
    public static MachineCpu Parse(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 9 || fields[0] != "cpu")
            return default;
        double ticks = 0;
        foreach (var index in (ReadOnlySpan<int>)[1, 2, 3, 6, 7, 8])
            ticks += double.Parse(fields[index], CultureInfo.InvariantCulture);
        return new MachineCpu(ticks / TicksPerSecond);
    }
}
