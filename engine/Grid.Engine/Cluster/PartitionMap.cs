using Grid.Codec;

namespace Grid.Engine.Cluster;

/// <summary>Which unit a partition lies in, and which silo a unit falls to.</summary>
public static class PartitionMap
{
    /// <summary>The unit of a partition when there are so many units.</summary>
    public static int UnitOf(int partition, int units) => partition * units / Partitions.Count;

    /// <summary>The first partition of a unit; for <paramref name="unit"/> = <paramref name="units"/> the number of partitions.</summary>
    public static int FirstPartitionOf(int unit, int units) => (unit * Partitions.Count + units - 1) / units;

    /// <summary>
    /// Which silo each unit falls to: balanced to within one unit, with no unit moved that need not be. A silo keeps what it has
    /// up to its share, of more those that rank it highest; what is left goes to the silo that ranks highest for the unit among
    /// those below their share (rendezvous hashing). The same input gives the same answer in every process.
    /// </summary>
    /// <param name="silos">The names of the silos that may own units, each once, in any order.</param>
    /// <param name="current">The present owner of each unit; null, or a name that is not among the silos, for none.</param>
    /// <returns>The name for each unit; all null when there is no silo.</returns>
    public static string?[] Assign(IReadOnlyCollection<string> silos, IReadOnlyList<string?> current)
    {
        var target = new string?[current.Count];
        if (silos.Count == 0)
        {
            return target;
        }

        var owned = silos.ToDictionary(
            static silo => silo,
            silo => Enumerable.Range(0, current.Count).Where(unit => current[unit] == silo)
                .OrderByDescending(unit => Rank(silo, unit)).ThenBy(static unit => unit).ToArray(),
            StringComparer.Ordinal);
        var shares = Shares(owned, current.Count);
        foreach (var (silo, units) in owned)
        {
            var kept = units.Take(shares[silo]).ToArray();
            shares[silo] -= kept.Length;
            foreach (var unit in kept)
            {
                target[unit] = silo;
            }
        }

        for (var unit = 0; unit < target.Length; unit++)
        {
            if (target[unit] is null)
            {
                var number = unit;
                var best = shares.Where(static each => each.Value > 0)
                    .OrderByDescending(each => Rank(each.Key, number)).ThenBy(static each => each.Key, StringComparer.Ordinal).First().Key;
                target[unit] = best;
                shares[best]--;
            }
        }

        return target;
    }

    /// <summary>Which member each unit of a view falls to; null when no member is active.</summary>
    public static MemberId?[] Assign(ClusterView view)
    {
        var active = view.Members.Where(static member => member.State == MemberState.Active)
            .ToDictionary(static member => member.Id.Name, static member => member.Id, StringComparer.Ordinal);
        var current = Array.ConvertAll(view.Units, unit =>
            unit.Owner is { } owner && active.TryGetValue(owner.Name, out var id) && id == owner ? owner.Name : null);
        return Array.ConvertAll(Assign(active.Keys, current), name => name is null ? (MemberId?)null : active[name]);
    }

    // Each silo's share of the units. The odd ones go to those who have most now, so that few move.
    private static Dictionary<string, int> Shares(Dictionary<string, int[]> owned, int units)
    {
        var (share, odd) = Math.DivRem(units, owned.Count);
        return owned.OrderByDescending(static each => each.Value.Length).ThenBy(static each => each.Key, StringComparer.Ordinal)
            .Select((each, place) => (each.Key, Share: place < odd ? share + 1 : share))
            .ToDictionary(static each => each.Key, static each => each.Share, StringComparer.Ordinal);
    }

    private static ulong Rank(string silo, int unit)
    {
        var mixed = (Partitions.StableHash(silo) ^ ((ulong)unit * 0x9E3779B97F4A7C15)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 29)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 32);
    }
}
