using System.Globalization;

namespace Grid.Bench.Load.Measure;

/// <summary>Memory of a process from <c>/proc/PID/status</c>; 0 where there is no /proc.</summary>
internal static class ProcessMemory
{
    private const string ResidentSet = "VmRSS:";

    /// <summary>Resident set size in bytes.</summary>
    public static long ResidentBytes(int pid)
    {
        var file = $"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/status";
        return File.Exists(file) ? Parse(File.ReadLines(file)) : 0;
    }

    /// <summary>Parses the lines of proc(5) status.</summary>
    public static long Parse(IEnumerable<string> lines)
    {
        var line = lines.FirstOrDefault(static each => each.StartsWith(ResidentSet, StringComparison.Ordinal));
        var kilobytes = line?[ResidentSet.Length..].Trim().Split(' ')[0];
        return long.TryParse(kilobytes, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value * 1024
            : 0;
    }
}
