using System.Diagnostics;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>Reads what every member took of the CPU and what the stores wrote, between two moments.</summary>
internal sealed class UsageMeter(IReadOnlyList<Member> members, CpuSlices? slices, HttpClient http)
{
    private static readonly TimeSpan MaxScrape = TimeSpan.FromSeconds(2);

    // The runtime compiles for good what was called 30 times, and what that turns up another 30.
    private const int WarmUpReadings = 100;

    private readonly record struct Reading(
        long Ticks,
        double[] Cpu,
        SliceCounts[] Slices,
        double Client,
        double Machine,
        MetricsText[] Metrics
    );

    private Reading _start;

    /// <summary>Reads as often as it takes until the members' pages of figures are compiled: later that would come out of their slices.</summary>
    public async Task WarmUpAsync(TimeSpan time, CancellationToken stop)
    {
        for (var reading = 0; reading < WarmUpReadings; reading++)
        {
            await ReadAsync(stop);
            await Task.Delay(time / WarmUpReadings, stop);
        }
    }

    public async Task StartAsync(CancellationToken stop) => _start = await ReadAsync(stop);

    public async Task<Usage> EndAsync(CancellationToken stop)
    {
        var end = await ReadAsync(stop);
        var seconds = Math.Max(1e-3, Stopwatch.GetElapsedTime(_start.Ticks, end.Ticks).TotalSeconds);
        var usages = members
            .Select(
                (member, i) =>
                    new MemberUsage(
                        member.Name,
                        member.Role,
                        (end.Cpu[i] - _start.Cpu[i]) / seconds,
                        end.Slices[i].ThrottledShareSince(_start.Slices[i])
                    )
            )
            .ToList();
        var client = (end.Client - _start.Client) / seconds;
        var others = (end.Machine - _start.Machine) / seconds - client - usages.Sum(usage => usage.Cores);
        return new Usage(
            seconds,
            usages,
            client,
            Math.Max(0, others),
            Environment.ProcessorCount,
            StoreOf(_start.Metrics, end.Metrics, seconds)
        );
    }

    private async Task<Reading> ReadAsync(CancellationToken stop)
    {
        var metrics = await Task.WhenAll(members.Select(member => ScrapeAsync(member, stop)));
        return new Reading(
            Stopwatch.GetTimestamp(),
            [.. members.Select(member => ProcessClock.Seconds(member.Pid) ?? 0)],
            [.. members.Select(member => slices?.Read(member.Pid) ?? default)],
            ProcessClock.Seconds(Environment.ProcessId) ?? 0,
            MachineCpu.Read().BusySeconds,
            metrics
        );
    }

    private async Task<MetricsText> ScrapeAsync(Member member, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(MaxScrape);
        try
        {
            return MetricsText.Parse(await http.GetStringAsync($"{member.Url}/metrics", limit.Token));
        }
        catch (Exception e)
            when (e is HttpRequestException or OperationCanceledException && !stop.IsCancellationRequested)
        {
            // A member without that page, or one too busy for it: the figures of the store are left out then.
            return MetricsText.Parse("");
        }
    }

    private static StoreUsage? StoreOf(MetricsText[] start, MetricsText[] end, double seconds)
    {
        if (!end.Any(metrics => metrics.Has("grid_store_commits_total")))
            return null;
        double Grown(string name) =>
            Math.Max(0, end.Sum(metrics => metrics.Sum(name)) - start.Sum(metrics => metrics.Sum(name)));
        var commits = Grown("grid_store_commits_total");
        return new StoreUsage(
            Grown("grid_store_commit_rows_sum") / seconds,
            commits / seconds,
            commits <= 0 ? 0 : Grown("grid_store_commit_duration_seconds_sum") / commits,
            end.Max(metrics => metrics.Max("grid_store_queue_length"))
        );
    }
}
