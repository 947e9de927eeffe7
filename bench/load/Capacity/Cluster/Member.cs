namespace Grid.Bench.Load.Capacity.Cluster;

internal enum MemberRole
{
    Gateway,
    Silo,
}

/// <summary>A process of the measured cluster.</summary>
/// <param name="Url">Serves its health and its metrics.</param>
/// <param name="Pid">0 when it is not a known process of this machine.</param>
/// <param name="SiloPort">Its port for other members; 0 for a gateway.</param>
internal sealed record Member(string Name, MemberRole Role, string Url, int Pid, int SiloPort = 0);
