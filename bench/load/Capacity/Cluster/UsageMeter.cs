using System.Diagnostics;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>Measures the CPU of every member and the writes of the stores between two moments.</summary>
internal sealed class UsageMeter(IReadOnlyList<Member> members, CpuSlices? slices, HttpClient http)
{
    private static readonly TimeSpan MaxScrape = TimeSpan.FromSeconds(2);

    // The JIT optimises a method after 30 calls, and the methods that this exposes after another 30.
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

    /// <summary>
    /// Reads the metrics pages until their code is compiled: later the compilation would use up the members' slices.
    /// </summary>
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
            // No metrics page, or the member is too busy for it: leave the store's figures out.
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
