using Grid.Engine.Runtime;
using Grid.Scans;

namespace Grid.Tests.Simulation;

/// <summary>What a disk leaves out, to show that the simulator notices: none of it is a switch of the product.</summary>
/// <param name="ChecksEpochs">An old owner's commit is refused.</param>
/// <param name="CommitsBeforeAnswers">A write is answered after its commit, not before.</param>
/// <param name="KnowsScanIds">A visit whose id has a row is not written again.</param>
/// <param name="ChecksVersions">A state whose version is not the one that was read is not written.</param>
internal sealed record DiskRules(
    bool ChecksEpochs = true, bool CommitsBeforeAnswers = true, bool KnowsScanIds = true, bool ChecksVersions = true);

/// <summary>
/// What outlives every process: the units of the store with their epochs, rows and visits. It does as the real stores do
/// (one writer a unit, groups, versions, tombstones, the epoch checked within the transaction), and watches on its own that
/// no commit of an old epoch comes through.
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

    /// <summary>Until when no commit goes through.</summary>
    internal long StalledUntil { get; private set; }

    internal void Stall(long ticks)
    {
        StalledUntil = Math.Max(StalledUntil, World.Now + ticks);
        World.Log.Say($"the disk stalls for {ticks / (double)TimeSpan.TicksPerMillisecond} ms");
    }

    internal Unit this[int number] => _units[number];

    internal int UnitOf(int partition) => partition * _units.Length / Partitions.Count;

    /// <summary>The rows of a scan id, of which there should be one at the most.</summary>
    internal IReadOnlyList<Visit> VisitsOf(string scanId) =>
        _units[UnitOf(VisitShards.PartitionOf(scanId))].Visits.TryGetValue(scanId, out var rows) ? rows : [];

    /// <summary>All rows of visits.</summary>
    internal int VisitCount => _units.Sum(static unit => unit.Visits.Values.Sum(static rows => rows.Count));

    /// <summary>Notes a commit, and that its owner was the newest.</summary>
    internal void Committed(Unit unit, long epoch, string owner)
    {
        World.Log.Mark(unit.Number, epoch);
        if (epoch < unit.NewestEpoch)
            World.Fail($"{owner} committed to unit {unit.Number} under epoch {epoch}, which is older than {unit.NewestEpoch}");
    }

    /// <summary>A run of neighbouring partitions, as one file or one row of the owners has them.</summary>
    internal sealed class Unit(int number)
    {
        internal int Number { get; } = number;

        /// <summary>What the store holds the owner's epoch to be.</summary>
        internal long Epoch { get; private set; }

        /// <summary>The newest epoch that was ever opened, by whoever watches.</summary>
        internal long NewestEpoch { get; private set; }

        /// <summary>The writer within its transaction, in a store of files.</summary>
        internal SimLane? Writing { get; set; }

        internal Dictionary<string, Dictionary<GrainKey, Row>> Tables { get; } = new(StringComparer.Ordinal);

        internal Dictionary<string, List<Visit>> Visits { get; } = new(StringComparer.Ordinal);

        internal bool IsWrittenBy(SimLane? other) =>
            Writing is { } writing && !ReferenceEquals(writing, other) && writing.Process.IsAlive;

        internal void Claim(long epoch)
        {
            Epoch = Math.Max(Epoch, epoch);
            NewestEpoch = Math.Max(NewestEpoch, epoch);
        }

        internal Row? Find(string table, in GrainKey key) =>
            Tables.TryGetValue(table, out var rows) && rows.TryGetValue(key, out var row) ? row : null;

        internal void Put(string table, in GrainKey key, Row row)
        {
            if (!Tables.TryGetValue(table, out var rows))
                Tables.Add(table, rows = []);
            rows[key] = row;
        }
    }

    /// <summary>A stored state; one that was cleared has no bytes.</summary>
    internal sealed record Row(byte[]? Bytes, long Version, bool Pending);
}
