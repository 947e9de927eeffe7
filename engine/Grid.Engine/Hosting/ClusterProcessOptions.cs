using System.Net;
using Grid.Engine.Cluster;
using Grid.Engine.Wire;

namespace Grid.Engine.Hosting;

/// <summary>What a process of a cluster is told by its host.</summary>
public sealed record ClusterProcessOptions
{
    /// <summary>Where it listens, if it is a silo; port 0: any that is free. Null for a gateway, which has no grains.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>The name or address at which others reach it. Null: the address where it listens.</summary>
    public string? Host { get; init; }

    /// <summary>The silo's name; null: its host and port.</summary>
    public string? Name { get; init; }

    /// <summary>The times of the cluster; name and address are put in when it listens.</summary>
    public ClusterTimes Times { get; init; } = new();

    /// <summary>What waits for a silo.</summary>
    public RouterOptions Router { get; init; } = new();

    /// <summary>The connections.</summary>
    public WireOptions Wire { get; init; } = new();

    /// <summary>Says <see cref="WireOptions.Grid"/> when the services are there. Null: as it is.</summary>
    public Func<IServiceProvider, string>? Grid { get; init; }

    /// <summary>How long a silo that stops hands over. Default 15 s.</summary>
    public TimeSpan LeaveTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
