using Grid.Bench.Load.Capacity.Cluster;

namespace Grid.Bench.Load.Capacity.Search;

/// <summary>Finds the bottleneck of a load: the resource that was used up.</summary>
internal static class Bottleneck
{
    /// <summary>A slice, a core or the machine counts as used up from this part on.</summary>
    public const double UsedUp = 0.9;

    /// <summary>
    /// The queue of one file's writer from which the store counts as the bottleneck: the rows of a few commits.
    /// </summary>
    public const double StoreQueue = 2_000;

    public const string Silos = "silos",
        Gateway = "gateway",
        Client = "client",
        Store = "store",
        Others = "the databases and other processes",
        None = "waiting, nothing used up";

    /// <param name="slice">Cores of each silo; null: unlimited.</param>
    /// <param name="clientThreads">Threads that generate the load.</param>
    public static string Of(Usage usage, double? slice, int clientThreads = 1)
    {
        var silos = usage.Count(MemberRole.Silo);
        var siloCores = usage.Of(MemberRole.Silo);
        if (silos > 0 && slice is { } held && siloCores / silos >= UsedUp * held)
            return Silos;
        if (usage.ClientCores >= UsedUp * clientThreads)
            return Client;
        if (usage.BusyCores >= UsedUp * usage.MachineCores)
            return Greatest(
                (usage.Of(MemberRole.Gateway), Gateway),
                (siloCores, Silos),
                (usage.ClientCores, Client),
                (usage.OtherCores, Others)
            );
        return usage.Store is { MaxQueue: >= StoreQueue } ? Store : None;
    }

    private static string Greatest(params ReadOnlySpan<(double Cores, string Name)> parts)
    {
        var most = parts[0];
        foreach (var part in parts)
            most = part.Cores > most.Cores ? part : most;
        return most.Name;
    }
}
