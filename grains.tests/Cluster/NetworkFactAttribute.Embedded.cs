using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>
/// A test in networks of its own, with a real PostgreSQL server in one of them, that takes long and runs alone: one of the full
/// campaign (<c>GRID_CAMPAIGN=full</c>). Where networks can't be made it is skipped there too, and says so.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_reason = new(ReasonNotTo);

    public NetworkFactAttribute() => Skip = s_reason.Value;

    private static string? ReasonNotTo()
    {
        if (Environment.GetEnvironmentVariable("GRID_CAMPAIGN") != "full")
            return "Networks that are cut take a minute: set GRID_CAMPAIGN=full.";
        if (PostgresServer.Binaries is null)
            return PostgresFactAttribute.Reason;
        try
        {
            using var network = new CuttableNetwork();
            network.Add();
            return null;
        }
        catch (Exception fault) when (fault is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"No network namespaces, which need root and Debian's package iproute2: {fault.Message.Trim()}";
        }
    }
}
