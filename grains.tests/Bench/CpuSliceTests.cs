using Grid.Bench.Load.Capacity.Cluster;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Bench;

public sealed class CpuSliceTests
{
    [Fact]
    public void The_controller_of_version_1_is_found_where_it_is_mounted()
    {
        var paths = CgroupPaths.Find(
            "4:memory:/jobs/a\n2:cpuacct:/\n1:cpu,cpuset:/jobs\n0::/\n",
            "30 24 0:26 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu\n"
                + "31 24 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
        );

        Assert.Equal(new CgroupPaths("/sys/fs/cgroup/cpu/jobs", "/sys/fs/cgroup/cpu", IsUnified: false), paths);
    }

    [Fact]
    public void The_unified_hierarchy_is_found_inside_a_container_too()
    {
        var paths = CgroupPaths.Find(
            "0::/pod/box/inner\n",
            "31 24 0:27 /pod/box /sys/fs/cgroup rw - cgroup2 cgroup rw\n"
        );

        Assert.Equal(new CgroupPaths("/sys/fs/cgroup/inner", "/sys/fs/cgroup", IsUnified: true), paths);
        Assert.Null(CgroupPaths.Find("0::/\n", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"));
    }

    [Fact]
    public void Periods_are_read_from_both_versions()
    {
        var first = CpuSlices.Parse("nr_periods 100\nnr_throttled 20\nthrottled_time 123456\n");
        var second = CpuSlices.Parse("usage_usec 99\nnr_periods 300\nnr_throttled 70\nthrottled_usec 5\n");

        Assert.Equal(new SliceCounts(100, 20), first);
        Assert.Equal(0.25, second.ThrottledShareSince(first), 6);
        Assert.Equal(0, first.ThrottledShareSince(first));
    }

    [Fact]
    public void A_machine_without_the_controller_is_reported_and_unchanged()
    {
        using var folder = new TemporaryFolder();
        var slices = CpuSlices.TryOpen(new CgroupPaths(folder.Path, folder.Path, IsUnified: true), "t", out var why);

        Assert.Null(slices);
        Assert.Contains("CPU controller", why, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Busy_time_excludes_idle_and_waiting()
    {
        var busy = MachineCpu.Parse("cpu  100 20 30 4000 500 6 7 8 0 0");

        Assert.Equal((100 + 20 + 30 + 6 + 7 + 8) / 100.0, busy.BusySeconds, 6);
    }

    [Fact]
    public void The_clock_of_a_process_is_its_own_cpu_time()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var mine = ProcessClock.Seconds(Environment.ProcessId);

        Assert.NotNull(mine);
        Assert.InRange(mine.Value - Environment.CpuUsage.TotalTime.TotalSeconds, -1, 1);
        Assert.Null(ProcessClock.Seconds(int.MaxValue / 8 - 1));
    }

    [Fact]
    public void Numbers_of_a_metrics_page_are_summed_over_their_labels()
    {
        var metrics = MetricsText.Parse(
            "# HELP x y\nx_total{kind=\"a b\"} 3\nx_total{kind=\"c\"} 4.5 1764327600000\n"
                + "grid_store_queue_length{file=\"1\"} 7\n"
        );

        Assert.Equal(7.5, metrics.Sum("x_total"));
        Assert.Equal(7, metrics.Max("grid_store_queue_length"));
        Assert.False(metrics.Has("missing"));
        Assert.Equal(0, metrics.Max("missing"));
    }
}
