namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>
/// Where the CPU controller of this process is, read from <c>/proc/self/cgroup</c> and <c>/proc/self/mountinfo</c>.
/// </summary>
/// <param name="Folder">The folder of the process's own group.</param>
/// <param name="Mount">The root folder of the hierarchy.</param>
/// <param name="IsUnified">True for version 2: one hierarchy, <c>cpu.max</c>. False for version 1:
/// <c>cpu.cfs_quota_us</c>.</param>
internal sealed record CgroupPaths(string Folder, string Mount, bool IsUnified)
{
    /// <summary>
    /// Prefers the CPU controller of version 1 if it is mounted, else takes the unified hierarchy; null without either.
    /// </summary>
    public static CgroupPaths? Find(string ownGroups, string mounts)
    {
        CgroupPaths? unified = null;
        foreach (var line in mounts.Split('\n'))
        {
            // 36 25 0:31 / /sys/fs/cgroup/cpu rw,nosuid - cgroup cgroup rw,cpu,cpuacct
            var halves = line.Split(" - ", 2);
            var (left, right) = (halves[0].Split(' '), halves.Length == 2 ? halves[1].Split(' ') : []);
            if (left.Length < 5 || right.Length < 3)
                continue;
            var mount = left[4];
            if (right[0] == "cgroup" && right[2].Split(',').Contains("cpu"))
                return Own(ownGroups, "cpu") is { } own
                    ? new CgroupPaths(Join(mount, left[3], own), mount, IsUnified: false)
                    : null;
            if (right[0] == "cgroup2" && Own(ownGroups, "") is { } path)
                unified ??= new CgroupPaths(Join(mount, left[3], path), mount, IsUnified: true);
        }
        return unified;
    }

    // 4:cpu,cpuacct:/path in version 1, 0::/path in version 2.
    private static string? Own(string ownGroups, string controller)
    {
        foreach (var line in ownGroups.Split('\n'))
        {
            var parts = line.Split(':', 3);
            if (parts.Length == 3 && parts[1].Split(',').Contains(controller))
                return parts[2];
        }
        return null;
    }

    // Inside a container the mount shows only a part of the hierarchy: the group's path starts with that part.
    private static string Join(string mount, string root, string own)
    {
        var within = root != "/" && own.StartsWith(root, StringComparison.Ordinal) ? own[root.Length..] : own;
        return Path.Join(mount, within.TrimStart('/')).TrimEnd('/');
    }
}
