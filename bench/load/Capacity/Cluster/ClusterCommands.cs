using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Processes;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>How the processes of a cluster on one machine are started: the one place that knows their command lines.</summary>
/// <param name="Gateway">Grid.Gateway.dll</param>
/// <param name="Silo">Grid.Silo.dll</param>
internal sealed record ClusterCommands(string Gateway, string Silo)
{
    /// <summary>A folder that silos share is cut into so many files; each silo owns whole ones.</summary>
    public const int Files = 16;

    public static ClusterCommands Of(CapacityOptions options) =>
        new(Repository.Gateway(options.Stage.Gateway), Repository.Silo(options.Silo));

    /// <summary>Fills a data folder with the demo city and ends.</summary>
    public string[] Demo(string data, int residents) =>
        ["demo", "--residents", Text(residents), "--serve", "false", "--Grid:Data", data, "--Grid:Store:Files", Text(Files)];

    /// <summary>Makes what silos and gateways show each other.</summary>
    public string[] Certificates(string data) => ["certificates", "--Grid:Data", data];

    public string[] SiloOf(string data, string name, string url) =>
        ["--cluster", data, "--port", "0", "--Grid:Cluster:Name", name, "--urls", url];

    public string[] GatewayOf(string data, string url) =>
        ["--Grid:Data", data, "--Grid:Cluster:Role", "Client", "--urls", url];

    /// <summary>A gateway that hosts the grains itself.</summary>
    public string[] LoneGateway(string data, string url) => ["--Grid:Data", data, "--urls", url];

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
