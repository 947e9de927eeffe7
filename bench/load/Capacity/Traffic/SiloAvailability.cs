using System.Diagnostics;
using System.Net;
using Grid.Silo.Cluster;
using Orleans.Runtime;

namespace Grid.Bench.Load.Capacity.Traffic;

/// <summary>
/// Records when each silo's residents last got a display. A resident's silo follows from its partition, so that a
/// silo's failure shows as silence of its residents alone. Used by one thread.
/// </summary>
internal sealed class SiloAvailability
{
    private const int MaxGaps = 100_000;

    /// <summary>A time in which no resident of a silo got a display.</summary>
    private readonly record struct Gap(int Silo, long FromTicks, long ToTicks);

    private readonly int[] _siloOfResident;
    private readonly long[] _lastDone;
    private readonly long _gapMinTicks;
    private readonly List<Gap> _gaps = [];

    /// <param name="siloOfResident">The silo index of each resident.</param>
    /// <param name="minGap">Shorter silences are ignored.</param>
    public SiloAvailability(int[] siloOfResident, TimeSpan minGap)
    {
        _siloOfResident = siloOfResident;
        _lastDone = new long[siloOfResident.DefaultIfEmpty(0).Max() + 1];
        _gapMinTicks = (long)(minGap.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>The silo index of each resident while all these silos live; 0 without a silo.</summary>
    /// <param name="residentIds">The residents.</param>
    /// <param name="siloPorts">The silos' ports on this machine.</param>
    public static int[] Place(IReadOnlyList<string> residentIds, IReadOnlyList<int> siloPorts)
    {
        if (siloPorts.Count == 0)
            return new int[residentIds.Count];
        var placement = new PartitionDraw();
        SiloAddress[] silos = [.. siloPorts.Select(port => SiloAddress.New(IPAddress.Loopback, port, 0))];
        int[] winners =
        [
            .. Enumerable
                .Range(0, Partitions.Count)
                .Select(partition => Array.IndexOf(silos, placement.Winner(partition, silos))),
        ];
        return [.. residentIds.Select(id => winners[Partitions.Of(Guid.Parse(id))])];
    }

    /// <summary>Resets the records: a silence before the load started is no gap.</summary>
    public void Begin(long now)
    {
        _gaps.Clear();
        Array.Fill(_lastDone, now);
    }

    public void Done(int resident, long now)
    {
        var silo = _siloOfResident[resident];
        var last = _lastDone[silo];
        _lastDone[silo] = now;
        if (now - last >= _gapMinTicks && last != 0 && _gaps.Count < MaxGaps)
            _gaps.Add(new Gap(silo, last, now));
    }

    /// <summary>The longest silence of each silo's residents after a moment, counted from that moment.</summary>
    public TimeSpan[] OutagesAfter(long ticks, long untilTicks)
    {
        var outages = new TimeSpan[_lastDone.Length];
        for (var silo = 0; silo < outages.Length; silo++)
        {
            // A silo that never returned is silent until the end.
            if (_lastDone[silo] < untilTicks - _gapMinTicks)
                outages[silo] = Stopwatch.GetElapsedTime(Math.Max(ticks, _lastDone[silo]), untilTicks);
        }
        foreach (var gap in _gaps)
        {
            if (gap.ToTicks <= ticks || gap.FromTicks >= untilTicks)
                continue;
            var length = Stopwatch.GetElapsedTime(Math.Max(ticks, gap.FromTicks), gap.ToTicks);
            if (length > outages[gap.Silo])
                outages[gap.Silo] = length;
        }
        return outages;
    }
}
