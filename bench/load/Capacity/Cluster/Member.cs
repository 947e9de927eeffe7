namespace Grid.Bench.Load.Capacity.Cluster;

internal enum MemberRole
{
    Gateway,
    Silo,
}

/// <summary>A process of the cluster that is measured.</summary>
/// <param name="Url">Where its health and its metrics are.</param>
/// <param name="Pid">0 when it is not a process of this machine that this tool knows.</param>
/// <param name="SiloPort">Its port for the other members; 0 for a gateway.</param>
internal sealed record Member(string Name, MemberRole Role, string Url, int Pid, int SiloPort = 0);
