using Grid.Hosting.Health;

namespace Grid.Hosting.Client;

/// <summary>Tracks whether a client is connected to a silo.</summary>
internal sealed class SiloConnections : IReadiness
{
    // A started client has at least one connection.
    private volatile int _count = 1;

    /// <summary>The number of connected silos.</summary>
    public int Count
    {
        set => _count = value;
    }

    /// <inheritdoc/>
    public string? Missing => _count == 0 ? "no silo answers" : null;
}
