using System.Globalization;
using Grid.Bench.Load.Capacity.Traffic;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>
/// Owns everything of a run: the work folder, the crowd and the clusters. Deletes all of it at the end, except the logs
/// of a failed run.
/// </summary>
internal sealed class TestSite : IAsyncDisposable
{
    private readonly CapacityOptions _options;
    private readonly List<TestedCluster> _clusters = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly string _folder;
    private readonly TextWriter? _log;
    private CityDatabase? _city;

    private TestSite(CapacityOptions options, TextWriter? log)
    {
        (_options, _log) = (options, log);
        _folder = Path.Combine(options.Scratch, $"grid-capacity-{Guid.NewGuid():N}");
        Slices = options.NoSlices || options.Server is not null ? null : CpuSlices.TryOpen(out var why) ?? Told(why);
        if (options.NoSlices)
            WhyNoSlices = "--no-slices";
        else if (options.Server is not null)
            WhyNoSlices = "the cluster runs elsewhere";
    }

    public IReadOnlyList<TestedCluster> Clusters => _clusters;

    public CpuSlices? Slices { get; }

    /// <summary>Why the silos have no equal slices; null when they have.</summary>
    public string? WhyNoSlices { get; private set; }

    /// <summary>Set when the run is complete: the folder is deleted.</summary>
    public bool IsDone { get; set; }

    public static async Task<TestSite> OpenAsync(CapacityOptions options, TextWriter? log, CancellationToken stop)
    {
        var site = new TestSite(options, log);
        try
        {
            if (options.Server is null)
                await site.StartClustersAsync(stop);
            else
                await site.JoinRunningAsync(stop);
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    private CpuSlices? Told(string why)
    {
        WhyNoSlices = why;
        return null;
    }

    private async Task StartClustersAsync(CancellationToken stop)
    {
        Directory.CreateDirectory(_folder);
        var commands = ClusterCommands.Of(_options);
        _log?.WriteLine($"creating a city of {_options.Stage.Residents:N0} residents");
        _city = await CityDatabase.MakeAsync(commands, _folder, stop);
        var crowd = await Crowd.GatherAsync(_options.Stage with { DataFolder = _city.Data }, _log, stop);
        foreach (var silos in _options.Silos)
        {
            var place = await _city.CopyAsync(string.Create(CultureInfo.InvariantCulture, $"silos_{silos}"), stop);
            _log?.WriteLine(
                silos == 0 ? "starting a gateway that hosts the grains" : $"starting {silos} silo(s) and a gateway"
            );
            var local = await LocalCluster.StartAsync(commands, place, _folder, silos, _http, stop);
            var cluster = new TestedCluster(_options, crowd, local, local.Server, Slices, _http);
            _clusters.Add(cluster);
            await cluster.OpenVenuesAsync(stop);
        }
    }

    private async Task JoinRunningAsync(CancellationToken stop)
    {
        var crowd = await Crowd.GatherAsync(_options.Stage, _log, stop);
        var cluster = new TestedCluster(_options, crowd, null, _options.Server!, null, _http);
        _clusters.Add(cluster);
        await cluster.OpenVenuesAsync(stop);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _clusters)
            await cluster.DisposeAsync();
        if (_city is not null)
            await _city.DisposeAsync();
        Slices?.Dispose();
        _http.Dispose();
        if (!Directory.Exists(_folder))
            return;
        if (IsDone)
            Directory.Delete(_folder, recursive: true);
        else
            await Console.Error.WriteLineAsync($"the data and the logs of the processes are kept in {_folder}");
    }
}
