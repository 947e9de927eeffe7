using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Processes;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>How the processes of a cluster on one machine are started: the one place that knows their command lines.</summary>
/// <param name="Gateway">Grid.Gateway.dll</param>
/// <param name="Silo">Grid.Silo.dll</param>
/// <param name="Files">A folder that silos share is cut into so many files; each silo owns whole ones.</param>
/// <param name="LatencyTarget">What a gateway that is full keeps the time of its answers to.</param>
internal sealed record ClusterCommands(
    string Gateway, string Silo, int Files = ClusterCommands.FilesDefault, TimeSpan? LatencyTarget = null)
{
    /// <summary>Of the bound of a search: what the gateway's own default is of the bound's.</summary>
    private const double LatencyTargetPart = 0.4;

    // What a gateway takes.
    private static readonly TimeSpan LatencyTargetMin = TimeSpan.FromMilliseconds(5), LatencyTargetMax = TimeSpan.FromSeconds(5);

    /// <summary>Enough for a few silos to have much the same number.</summary>
    public const int FilesDefault = 16;

    public static ClusterCommands Of(CapacityOptions options) =>
        new(Repository.Gateway(options.Stage.Gateway), Repository.Silo(options.Silo), options.Files, LatencyTargetFor(options.Bounds.P99));

    /// <summary>Fills a data folder with the demo city and ends.</summary>
    public string[] Demo(string data, int residents) =>
        ["demo", "--residents", Text(residents), "--serve", "false", "--Grid:Data", data, "--Grid:Store:Sqlite:Files", Text(Files)];

    /// <summary>Makes what silos and gateways show each other.</summary>
    public string[] Certificates(string data) => ["certificates", "--Grid:Data", data];

    public string[] SiloOf(string data, string name, string url) =>
        ["--cluster", data, "--port", "0", "--Grid:Cluster:Name", name, "--urls", url];

    public string[] GatewayOf(string data, string url) =>
        ["--Grid:Data", data, "--Grid:Cluster:Role", "Client", "--urls", url, .. Overload];

    /// <summary>A gateway that hosts the grains itself.</summary>
    public string[] LoneGateway(string data, string url) => ["--Grid:Data", data, "--urls", url, .. Overload];

    private static TimeSpan LatencyTargetFor(TimeSpan p99) => (p99 * LatencyTargetPart) switch
    {
        var target when target < LatencyTargetMin => LatencyTargetMin,
        var target when target > LatencyTargetMax => LatencyTargetMax,
        var target => target,
    };

    private string[] Overload => LatencyTarget is { } target ? ["--Grid:Overload:LatencyTarget", target.ToString("c")] : [];

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
