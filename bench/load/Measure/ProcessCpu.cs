using System.Globalization;

namespace Grid.Bench.Load.Measure;

/// <summary>
/// CPU time of processes and their living descendants, from <c>/proc/PID/stat</c>: user and system time in clock ticks
/// of 10 ms. Zero where there is no /proc.
/// </summary>
internal static class ProcessCpu
{
    // USER_HZ is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>CPU seconds so far of the processes, their living descendants, and their ended children.</summary>
    public static double Seconds(IReadOnlyList<int> pids)
    {
        if (pids.Count == 0 || !Directory.Exists("/proc/self"))
            return 0;
        var all = new Dictionary<int, (int Parent, long Ticks)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && TryRead(folder, out var parent, out var ticks)
            )
                all[pid] = (parent, ticks);
        }
        long sum = 0;
        foreach (var (pid, entry) in all)
        {
            if (IsUnder(pid, pids, all))
                sum += entry.Ticks;
        }
        return sum / TicksPerSecond;
    }

    private static bool IsUnder(int pid, IReadOnlyList<int> roots, Dictionary<int, (int Parent, long Ticks)> all)
    {
        // Processes start and end during the reading, so the table may contain a cycle: bound the walk.
        for (var depth = 0; depth < 64 && all.TryGetValue(pid, out var entry); depth++)
        {
            if (roots.Contains(pid))
                return true;
            pid = entry.Parent;
        }
        return false;
    }

    private static bool TryRead(string folder, out int parent, out long ticks)
    {
        parent = 0;
        ticks = 0;
        try
        {
            return TryParse(File.ReadAllText(Path.Combine(folder, "stat")), out parent, out ticks);
        }
        catch (IOException)
        {
            return false; // ended in between
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Parses a line of proc(5) stat: the parent, and utime + stime + cutime + cstime.</summary>
    public static bool TryParse(string stat, out int parent, out long ticks)
    {
        parent = 0;
        ticks = 0;
        // The name in parentheses may hold spaces and parentheses: count the fields from its end.
        var nameEnd = stat.LastIndexOf(')');
        if (nameEnd < 0)
            return false;
        var fields = stat[(nameEnd + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 15 || !int.TryParse(fields[1], CultureInfo.InvariantCulture, out parent))
            return false;
        for (var i = 11; i <= 14; i++)
        {
            if (!long.TryParse(fields[i], CultureInfo.InvariantCulture, out var part))
                return false;
            ticks += part;
        }
        return true;
    }
}
