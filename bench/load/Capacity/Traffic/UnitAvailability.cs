using System.Diagnostics;
using System.Globalization;

namespace Grid.Bench.Load.Capacity.Traffic;

/// <summary>A time in which nobody of a unit's residents got a display.</summary>
internal readonly record struct Gap(int Unit, long FromTicks, long ToTicks)
{
    public TimeSpan Length => Stopwatch.GetElapsedTime(FromTicks, ToTicks);
}

/// <summary>
/// When each run of neighbouring partitions last answered a display. A silo owns whole units, so that its failure shows as
/// gaps in its units, whatever the others do. Used by one thread.
/// </summary>
internal sealed class UnitAvailability
{
    public const int Units = 16;

    private const int Partitions = 1024;
    private const int GapsMax = 100_000;

    private readonly byte[] _unitOfResident;
    private readonly long[] _lastDone = new long[Units];
    private readonly long _gapMinTicks;
    private readonly List<Gap> _gaps = [];

    public UnitAvailability(IReadOnlyList<string> residentIds, TimeSpan gapMin)
    {
        _unitOfResident = [.. residentIds.Select(UnitOf)];
        _gapMinTicks = (long)(gapMin.TotalSeconds * Stopwatch.Frequency);
    }

    public IReadOnlyList<Gap> Gaps => _gaps;

    /// <summary>The unit of a resident: the first ten bits of the key, as written, are its partition.</summary>
    public static byte UnitOf(string residentId)
    {
        var head = int.Parse(residentId.AsSpan(0, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (byte)((head >> 6) * Units / Partitions);
    }

    /// <summary>Forgets the past: a silence before the load began is no gap.</summary>
    public void Begin(long now)
    {
        _gaps.Clear();
        Array.Fill(_lastDone, now);
    }

    public void Done(int resident, long now)
    {
        var unit = _unitOfResident[resident];
        var last = _lastDone[unit];
        _lastDone[unit] = now;
        if (now - last >= _gapMinTicks && last != 0 && _gaps.Count < GapsMax)
            _gaps.Add(new Gap(unit, last, now));
    }

    /// <summary>
    /// For each unit the longest silence after a moment, counted from it, the shortest first. Silences shorter than those
    /// that are kept count as none.
    /// </summary>
    public IReadOnlyList<TimeSpan> OutagesAfter(long ticks, long untilTicks)
    {
        var outages = new TimeSpan[Units];
        for (var unit = 0; unit < Units; unit++)
        {
            // A unit that never came back has been away until the end.
            if (_lastDone[unit] < untilTicks - _gapMinTicks)
                outages[unit] = Stopwatch.GetElapsedTime(Math.Max(ticks, _lastDone[unit]), untilTicks);
        }
        foreach (var gap in _gaps)
        {
            if (gap.ToTicks <= ticks || gap.FromTicks >= untilTicks)
                continue;
            var length = Stopwatch.GetElapsedTime(Math.Max(ticks, gap.FromTicks), gap.ToTicks);
            if (length > outages[gap.Unit])
                outages[gap.Unit] = length;
        }
        Array.Sort(outages);
        return outages;
    }
}
