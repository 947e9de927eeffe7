using Grid.Scans;

namespace Grid.Tests.Simulation;

/// <summary>
/// The guarantees of a disk. Tests switch one off to show that the simulator detects it; the product has no switch.
/// </summary>
/// <param name="CommitsBeforeAnswers">A write is answered after its commit.</param>
/// <param name="KnowsScanIds">A visit whose id has a row is not written again.</param>
/// <param name="ChecksVersions">A state whose version is not the one that was read is not written.</param>
internal sealed record DiskRules(
    bool CommitsBeforeAnswers = true,
    bool KnowsScanIds = true,
    bool ChecksVersions = true
);

/// <summary>
/// The stored state and visits, which survive every process. It behaves like the real stores: groups, versions,
/// tombstones, one row per scan id.
/// </summary>
internal sealed class SimDisk
{
    private readonly Unit[] _units;

    internal SimDisk(SimWorld world, SimWeather weather, int units, DiskRules rules)
    {
        World = world;
        Weather = weather;
        Rules = rules;
        Random = world.Random.Fork(1);
        _units = [.. Enumerable.Range(0, units).Select(static number => new Unit(number))];
    }

    internal SimWorld World { get; }

    internal SimWeather Weather { get; }

    internal DiskRules Rules { get; }

    internal SimRandom Random { get; }

    internal int Units => _units.Length;

    /// <summary>No commit completes before this time.</summary>
    internal long StalledUntil { get; private set; }

    internal void Stall(long ticks)
    {
        StalledUntil = Math.Max(StalledUntil, World.Now + ticks);
        World.Log.Say($"the disk stalls for {ticks / (double)TimeSpan.TicksPerMillisecond} ms");
    }

    internal Unit this[int number] => _units[number];

    internal int UnitOf(int partition) => partition * _units.Length / Partitions.Count;

    /// <summary>The rows of a scan id: at most one, if all is well.</summary>
    internal IReadOnlyList<Visit> VisitsOf(string scanId) =>
        _units[UnitOf(VisitShards.PartitionOf(scanId))].Visits.TryGetValue(scanId, out var rows) ? rows : [];

    /// <summary>All rows of visits.</summary>
    internal int VisitCount => _units.Sum(static unit => unit.Visits.Values.Sum(static rows => rows.Count));

    /// <summary>Records a commit.</summary>
    internal void Committed(Unit unit, int writes) => World.Log.Mark(unit.Number, writes);

    /// <summary>A range of partitions, as in one file or database.</summary>
    internal sealed class Unit(int number)
    {
        internal int Number { get; } = number;

        internal Dictionary<string, Dictionary<string, Row>> Tables { get; } = new(StringComparer.Ordinal);

        internal Dictionary<string, List<Visit>> Visits { get; } = new(StringComparer.Ordinal);

        internal Row? Find(string table, string key) =>
            Tables.TryGetValue(table, out var rows) && rows.TryGetValue(key, out var row) ? row : null;

        internal void Put(string table, string key, Row row)
        {
            if (!Tables.TryGetValue(table, out var rows))
                Tables.Add(table, rows = new Dictionary<string, Row>(StringComparer.Ordinal));
            rows[key] = row;
        }
    }

    /// <summary>A stored state. A cleared one has no bytes.</summary>
    internal sealed record Row(byte[]? Bytes, long Version, bool Pending);
}
