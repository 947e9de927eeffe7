namespace Grid.Bench.Load.Capacity.Sizing;

/// <summary>
/// How large the slices may be on one machine, so that the largest cluster uses its silos up while the gateway and the maker
/// of the load, which share the machine, still have room.
/// </summary>
internal static class SliceSize
{
    /// <summary>The part of the machine that silos, gateway and client may plan with; the rest is for what is not planned.</summary>
    public const double MachineShare = 0.8;

    /// <summary>An idle silo takes a fiftieth of a core: of a smaller slice hardly anything is left for requests.</summary>
    public const double MinCores = 0.05;
    public const double MaxCores = 1;

    /// <param name="silos">Of the largest cluster.</param>
    /// <param name="siloMicroseconds">CPU a request of all silos together, measured while they ran freely.</param>
    /// <param name="restMicroseconds">The gateway's and the client's.</param>
    /// <param name="idleCores">What everything takes that is not under load.</param>
    /// <returns>Cores of each silo.</returns>
    public static double Of(
        int silos,
        double siloMicroseconds,
        double restMicroseconds,
        double idleCores,
        int machineCores
    )
    {
        // rate = silos x slice / silo cost; silos x slice + rate x rest = what the machine may give.
        var available = Math.Max(0.1, machineCores * MachineShare - idleCores);
        var slice = available / (silos * (1 + restMicroseconds / siloMicroseconds));
        return Math.Clamp(Math.Round(slice, 3), MinCores, MaxCores);
    }
}
