using System.Globalization;
using Grid.Bench.Load.Processes;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>Where the members of a cluster find each other and their state.</summary>
/// <param name="Data">The folder of the keys, which all members read.</param>
/// <param name="Redis">The server of the membership table: HOST:PORT.</param>
/// <param name="Postgres">The connection string of the state.</param>
/// <param name="Id">The cluster id: distinguishes clusters on one Redis.</param>
internal sealed record ClusterPlace(string Data, string Redis, string Postgres, string Id);

/// <summary>Command lines for the processes of a cluster on one machine. No other class knows them.</summary>
/// <param name="Gateway">Grid.Gateway.dll</param>
/// <param name="Silo">Grid.Silo.dll</param>
/// <param name="Residents">Number of residents in the city.</param>
/// <param name="LatencyTarget">The latency that a gateway aims at under overload.</param>
internal sealed record ClusterCommands(string Gateway, string Silo, int Residents, TimeSpan? LatencyTarget = null)
{
    /// <summary>
    /// The gateway's latency target as a part of the search's p99 bound: the same ratio as with the defaults.
    /// </summary>
    private const double LatencyTargetPart = 0.4;

    // The smallest latency target that the gateway accepts.
    private static readonly TimeSpan MinLatencyTarget = TimeSpan.FromMilliseconds(5),
        MaxLatencyTarget = TimeSpan.FromSeconds(5);

    public static ClusterCommands Of(CapacityOptions options) =>
        new(
            Repository.Gateway(options.Stage.Gateway),
            Repository.Silo(options.Silo),
            options.Stage.Residents,
            LatencyTargetFor(options.Bounds.P99)
        );

    /// <summary>Fills the place with the demo city and exits.</summary>
    public string[] Demo(string data, string postgres) =>
        ["demo", "--residents", Text(Residents), "--serve", "false", "--Grid:Data", data, "--Grid:Postgres", postgres];

    public string[] SiloOf(ClusterPlace place, int siloPort, string url) =>
        [.. MemberOf(place, url), "--Grid:Postgres", place.Postgres, "--Grid:Cluster:SiloPort", Text(siloPort)];

    /// <summary>A gateway that is a member of the cluster and hosts no grain.</summary>
    public string[] GatewayOf(ClusterPlace place, string url) =>
        [.. MemberOf(place, url), "--Grid:Role", "Gateway", .. Overload];

    /// <summary>A gateway that hosts the grains itself.</summary>
    public string[] LoneGateway(ClusterPlace place, string url) =>
        ["--Grid:Data", place.Data, "--Grid:Postgres", place.Postgres, "--urls", url, .. Overload];

    private string[] MemberOf(ClusterPlace place, string url) =>
        ["--Grid:Data", place.Data, "--Grid:Cluster:Redis", place.Redis, "--Grid:Cluster:Id", place.Id, "--urls", url];

    private static TimeSpan LatencyTargetFor(TimeSpan p99) =>
        (p99 * LatencyTargetPart) switch
        {
            var target when target < MinLatencyTarget => MinLatencyTarget,
            var target when target > MaxLatencyTarget => MaxLatencyTarget,
            var target => target,
        };

    private string[] Overload =>
        LatencyTarget is { } target ? ["--Grid:Overload:LatencyTarget", target.ToString("c")] : [];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
