using System.Globalization;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>CPU periods of a slice, and the number of them in which it was used up.</summary>
internal readonly record struct SliceCounts(long Periods, long Throttled)
{
    public double ThrottledShareSince(SliceCounts earlier) =>
        Periods == earlier.Periods ? 0 : (double)(Throttled - earlier.Throttled) / (Periods - earlier.Periods);
}

/// <summary>
/// Limits processes to equal parts of a core with control groups, version 1 or 2. Each process gets a group of its own,
/// which this tool creates and removes. Other groups stay untouched.
/// </summary>
internal sealed class CpuSlices : IDisposable
{
    /// <summary>Short, so that a throttled process waits at most this long for its next period.</summary>
    public static readonly TimeSpan PeriodDefault = TimeSpan.FromMilliseconds(20);

    // The kernel's smallest quota.
    private static readonly TimeSpan MinQuota = TimeSpan.FromMilliseconds(1);

    // Ten times the default weight: the slice is a guarantee as well as a limit.
    private const string WeightOfVersion1 = "10240",
        WeightOfVersion2 = "1000";
    private const string Prefix = "grid-capacity";

    private readonly CgroupPaths _paths;
    private readonly string _parent;
    private readonly string _run;
    private readonly Dictionary<int, string> _groups = [];

    private CpuSlices(CgroupPaths paths, string parent, string run) => (_paths, _parent, _run) = (paths, parent, run);

    public TimeSpan Period { get; init; } = PeriodDefault;

    /// <summary>
    /// Returns null when this process cannot use a CPU controller; <paramref name="why"/> tells the user the reason.
    /// </summary>
    public static CpuSlices? TryOpen(out string why)
    {
        why = "this machine has no control groups";
        if (!OperatingSystem.IsLinux() || !File.Exists("/proc/self/cgroup"))
            return null;
        var paths = CgroupPaths.Find(File.ReadAllText("/proc/self/cgroup"), File.ReadAllText("/proc/self/mountinfo"));
        return paths is null
            ? null
            : TryOpen(paths, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), out why);
    }

    public static CpuSlices? TryOpen(CgroupPaths paths, string run, out string why)
    {
        // In version 2 a group with processes cannot delegate its controllers, except the root: create the groups
        // beside ours.
        var parent =
            !paths.IsUnified || paths.Folder == paths.Mount ? paths.Folder : Path.GetDirectoryName(paths.Folder)!;
        var slices = new CpuSlices(paths, parent, run);
        why = "";
        var probe = slices.FolderOf("probe");
        try
        {
            Directory.CreateDirectory(probe);
            if (File.Exists(Path.Combine(probe, slices.QuotaFile)))
                return slices;
            why = $"{parent} has no CPU controller to delegate";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"{parent} is not writable";
        }
        finally
        {
            Remove(probe);
        }
        return null;
    }

    private string QuotaFile => _paths.IsUnified ? "cpu.max" : "cpu.cfs_quota_us";

    private string FolderOf(string name) => Path.Combine(_parent, $"{Prefix}-{_run}-{name}");

    /// <summary>Limits the process, all threads together, to this number of cores.</summary>
    public void Hold(int pid, double cores)
    {
        var folder = FolderOf(pid.ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        _groups[pid] = folder;
        var quota = Math.Max(MinQuota.TotalMicroseconds, Period.TotalMicroseconds * cores);
        if (_paths.IsUnified)
        {
            Write(folder, "cpu.weight", WeightOfVersion2);
            Write(
                folder,
                "cpu.max",
                string.Create(CultureInfo.InvariantCulture, $"{quota:0} {Period.TotalMicroseconds:0}")
            );
        }
        else
        {
            Write(folder, "cpu.shares", WeightOfVersion1);
            Write(folder, "cpu.cfs_period_us", Period.TotalMicroseconds.ToString("0", CultureInfo.InvariantCulture));
            Write(folder, "cpu.cfs_quota_us", quota.ToString("0", CultureInfo.InvariantCulture));
        }
        Write(folder, "cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Removes the limit of the process.</summary>
    public void Free(int pid)
    {
        if (!_groups.Remove(pid, out var folder))
            return;
        try
        {
            Write(_paths.Folder, "cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // The process has exited: its group is empty.
        }
        Remove(folder);
    }

    /// <summary>Reads the number of periods so far, and of those that were throttled.</summary>
    public SliceCounts Read(int pid) =>
        _groups.TryGetValue(pid, out var folder) && File.Exists(Path.Combine(folder, "cpu.stat"))
            ? Parse(File.ReadAllText(Path.Combine(folder, "cpu.stat")))
            : default;

    /// <summary>Parses <c>cpu.stat</c> of either version.</summary>
    public static SliceCounts Parse(string stat)
    {
        long periods = 0,
            throttled = 0;
        foreach (var line in stat.Split('\n'))
        {
            var parts = line.Split(' ');
            if (
                parts.Length != 2
                || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            )
                continue;
            if (parts[0] == "nr_periods")
                periods = value;
            else if (parts[0] == "nr_throttled")
                throttled = value;
        }
        return new SliceCounts(periods, throttled);
    }

    private static void Write(string folder, string file, string text)
    {
        // Open without creating or truncating: cgroup files support neither.
        using var stream = new FileStream(
            Path.Combine(folder, file),
            FileMode.Open,
            FileAccess.Write,
            FileShare.ReadWrite,
            bufferSize: 0
        );
        stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }

    // A group that still has a process stays: Dispose removes it later; left behind, it does no harm.
    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    /// <summary>Removes all limits and every group that this object created.</summary>
    public void Dispose()
    {
        foreach (var pid in _groups.Keys.ToArray())
            Free(pid);
    }
}
