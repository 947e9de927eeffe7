using System.Diagnostics;
using Grid.Bench.Load.Capacity.Cluster;

namespace Grid.Bench.Load.Capacity.Play;

/// <summary>Waits until a silo carries its share of the silos' CPU.</summary>
internal sealed class ShareWatch(Func<IReadOnlyList<Member>> silos)
{
    /// <summary>The part of a fair share that counts as carried: placement by partition is slightly uneven.</summary>
    public const double PartOfFairShare = 0.8;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <returns>The time since <paramref name="sinceTicks"/>; null on timeout.</returns>
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

    /// <summary>The newcomer's part of all CPU between two readings.</summary>
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
