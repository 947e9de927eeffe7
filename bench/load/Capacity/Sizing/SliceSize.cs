namespace Grid.Bench.Load.Capacity.Sizing;

/// <summary>
/// Sizes the slices on one machine: the largest cluster must saturate its silos while the gateway and the client, which
/// share the machine, still have room.
/// </summary>
internal static class SliceSize
{
    /// <summary>The part of the machine for silos, gateway and client; the rest is reserve.</summary>
    public const double MachineShare = 0.8;

    /// <summary>An idle silo takes 0.02 cores: a smaller slice leaves hardly anything for requests.</summary>
    public const double MinCores = 0.05;
    public const double MaxCores = 1;

    /// <param name="silos">Of the largest cluster.</param>
    /// <param name="siloMicroseconds">CPU of all silos for a request, measured without limits.</param>
    /// <param name="restMicroseconds">CPU of the gateway and the client for a request.</param>
    /// <param name="idleCores">CPU of everything that is not under load.</param>
    /// <returns>Cores of each silo.</returns>
    public static double Of(
        int silos,
        double siloMicroseconds,
        double restMicroseconds,
        double idleCores,
        int machineCores
    )
    {
        // rate = silos x slice / silo cost; silos x slice + rate x rest = the cores available.
        var available = Math.Max(0.1, machineCores * MachineShare - idleCores);
        var slice = available / (silos * (1 + restMicroseconds / siloMicroseconds));
        return Math.Clamp(Math.Round(slice, 3), MinCores, MaxCores);
    }
}
