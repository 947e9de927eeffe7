using Grid.Hosting.Health;

namespace Grid.Hosting.Client;

/// <summary>Whether a client has a connection to a silo.</summary>
internal sealed class SiloConnections : IReadiness
{
    // A client that has started has one.
    private volatile int _count = 1;

    /// <summary>Silos that it is connected to.</summary>
    public int Count
    {
        set => _count = value;
    }

    /// <inheritdoc/>
    public string? Missing => _count == 0 ? "no silo answers" : null;
}
