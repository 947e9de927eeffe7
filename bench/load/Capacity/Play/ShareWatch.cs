using System.Diagnostics;
using Grid.Bench.Load.Capacity.Cluster;

namespace Grid.Bench.Load.Capacity.Play;

/// <summary>
/// Waits until a silo carries its share: of the calls that all silos begin when they tell their turns, else of the CPU that
/// they take.
/// </summary>
internal sealed class ShareWatch(Func<IReadOnlyList<Member>> silos, HttpClient http)
{
    /// <summary>From here on a share counts as taken: units are whole, and an eleventh of sixteen units is one or two.</summary>
    public const double PartOfFairShare = 0.8;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <returns>How long it took from <paramref name="sinceTicks"/>; null when it did not come to it in time.</returns>
    public async Task<TimeSpan?> UntilSharedAsync(Member newcomer, long sinceTicks, TimeSpan atMost, CancellationToken stop)
    {
        var before = await WorkAsync(stop);
        while (Stopwatch.GetElapsedTime(sinceTicks) < atMost)
        {
            await Task.Delay(Look, stop);
            var now = await WorkAsync(stop);
            if (Share(before, now, newcomer.Name) >= PartOfFairShare / now.Count)
                return Stopwatch.GetElapsedTime(sinceTicks);
            before = now;
        }
        return null;
    }

    /// <summary>The part of all work between two looks that was the newcomer's.</summary>
    public static double Share(IReadOnlyDictionary<string, double> before, IReadOnlyDictionary<string, double> now, string newcomer)
    {
        var all = now.Sum(each => Math.Max(0, each.Value - before.GetValueOrDefault(each.Key)));
        return all <= 0 ? 0 : Math.Max(0, now.GetValueOrDefault(newcomer) - before.GetValueOrDefault(newcomer)) / all;
    }

    private async Task<IReadOnlyDictionary<string, double>> WorkAsync(CancellationToken stop)
    {
        var members = silos();
        var work = await Task.WhenAll(members.Select(member => TurnsAsync(member, stop)));
        // All by the same measure: turns of some and CPU of others can't be compared.
        var hasTurns = work.All(turns => turns is not null);
        return members.Select((member, i) => (member.Name, Work: hasTurns ? work[i]!.Value : ProcessClock.Seconds(member.Pid) ?? 0))
            .ToDictionary(each => each.Name, each => each.Work);
    }

    private async Task<double?> TurnsAsync(Member member, CancellationToken stop)
    {
        try
        {
            var metrics = MetricsText.Parse(await http.GetStringAsync($"{member.Url}/metrics", stop));
            return metrics.Has("grid_engine_turns_total") ? metrics.Sum("grid_engine_turns_total") : null;
        }
        catch (HttpRequestException)
        {
            return null; // not there yet
        }
    }
}
