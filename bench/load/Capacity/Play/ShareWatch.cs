using System.Diagnostics;
using Grid.Bench.Load.Capacity.Cluster;

namespace Grid.Bench.Load.Capacity.Play;

/// <summary>Waits until a silo carries its share of the CPU that all silos take.</summary>
internal sealed class ShareWatch(Func<IReadOnlyList<Member>> silos)
{
    /// <summary>From here on a share counts as taken: partitions are whole, and draws give each silo a little more or less.</summary>
    public const double PartOfFairShare = 0.8;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <returns>How long it took from <paramref name="sinceTicks"/>; null when it did not come to it in time.</returns>
    public async Task<TimeSpan?> UntilSharedAsync(
        Member newcomer,
        long sinceTicks,
        TimeSpan atMost,
        CancellationToken stop
    )
    {
        var before = Work();
        while (Stopwatch.GetElapsedTime(sinceTicks) < atMost)
        {
            await Task.Delay(Look, stop);
            var now = Work();
            if (Share(before, now, newcomer.Name) >= PartOfFairShare / now.Count)
                return Stopwatch.GetElapsedTime(sinceTicks);
            before = now;
        }
        return null;
    }

    /// <summary>The part of all work between two looks that was the newcomer's.</summary>
    public static double Share(
        IReadOnlyDictionary<string, double> before,
        IReadOnlyDictionary<string, double> now,
        string newcomer
    )
    {
        var all = now.Sum(each => Math.Max(0, each.Value - before.GetValueOrDefault(each.Key)));
        return all <= 0 ? 0 : Math.Max(0, now.GetValueOrDefault(newcomer) - before.GetValueOrDefault(newcomer)) / all;
    }

    private Dictionary<string, double> Work() =>
        silos().ToDictionary(silo => silo.Name, silo => ProcessClock.Seconds(silo.Pid) ?? 0);
}
