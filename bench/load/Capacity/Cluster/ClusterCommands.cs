using System.Globalization;
using Grid.Bench.Load.Processes;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>Where the members of a cluster find each other and their state.</summary>
/// <param name="Data">The folder of the keys, which all members read.</param>
/// <param name="Redis">The membership: HOST:PORT.</param>
/// <param name="Postgres">The connection string of the state.</param>
/// <param name="Id">Tells clusters on one Redis apart.</param>
internal sealed record ClusterPlace(string Data, string Redis, string Postgres, string Id);

/// <summary>How the processes of a cluster on one machine are started: the one place that knows their command lines.</summary>
/// <param name="Gateway">Grid.Gateway.dll</param>
/// <param name="Silo">Grid.Silo.dll</param>
/// <param name="Residents">How many the city has.</param>
/// <param name="LatencyTarget">What a gateway that is full keeps the time of its answers to.</param>
internal sealed record ClusterCommands(string Gateway, string Silo, int Residents, TimeSpan? LatencyTarget = null)
{
    /// <summary>Of the bound of a search: what the gateway's own default is of the bound's.</summary>
    private const double LatencyTargetPart = 0.4;

    /// <summary>The default of the directory's cache is sized for a whole city, and is taken at the start.</summary>
    // What a gateway takes.
    private static readonly TimeSpan MinLatencyTarget = TimeSpan.FromMilliseconds(5),
        MaxLatencyTarget = TimeSpan.FromSeconds(5);

    public static ClusterCommands Of(CapacityOptions options) =>
        new(
            Repository.Gateway(options.Stage.Gateway),
            Repository.Silo(options.Silo),
            options.Stage.Residents,
            LatencyTargetFor(options.Bounds.P99)
        );

    /// <summary>Fills the place with the demo city and ends.</summary>
    public string[] Demo(string data, string postgres) =>
        ["demo", "--residents", Text(Residents), "--serve", "false", "--Grid:Data", data, "--Grid:Postgres", postgres];

    public string[] SiloOf(ClusterPlace place, int siloPort, string url) =>
        [.. MemberOf(place, url), "--Grid:Postgres", place.Postgres, "--Grid:Cluster:SiloPort", Text(siloPort)];

    /// <summary>A gateway in the cluster that hosts no grain.</summary>
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
