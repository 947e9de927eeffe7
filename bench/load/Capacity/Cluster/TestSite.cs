using Grid.Bench.Load.Capacity.Traffic;
using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>Everything of a run: the folder that it works in, the crowd, the clusters. Removed with it, logs excepted when it failed.</summary>
internal sealed class TestSite : IAsyncDisposable
{
    private readonly CapacityOptions _options;
    private readonly List<TestedCluster> _clusters = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly string _folder;
    private readonly TextWriter? _log;
    private IdleFiller? _filler;

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

    /// <summary>Why the silos are not held to equal slices; null when they are.</summary>
    public string? WhyNoSlices { get; private set; }

    /// <summary>Whether what the measured processes leave of the machine is filled.</summary>
    public bool IsFilled => _filler is not null;

    /// <summary>Set when the run came to its end: the folder goes.</summary>
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
        var template = _options.Stage.DataFolder ?? Path.Combine(_folder, "city");
        if (_options.Stage.DataFolder is null)
        {
            _log?.WriteLine($"making a city of {_options.Stage.Residents:N0} residents");
            await CityFolder.MakeAsync(commands, template, _options.Stage.Residents, stop);
        }
        var crowd = await Crowd.GatherAsync(_options.Stage with { DataFolder = template }, _log, stop);
        if (Slices is not null && !_options.NoFill && !_options.IsPlayed)
            _filler = IdleFiller.Start(_folder);
        foreach (var silos in _options.Silos)
        {
            var data = Path.Combine(_folder, $"data-{silos}");
            CityFolder.Copy(template, data);
            _log?.WriteLine(silos == 0 ? "starting a gateway that hosts the grains" : $"starting {silos} silo(s) and a gateway");
            var local = await LocalCluster.StartAsync(commands, data, _folder, silos, _http, stop);
            var cluster = new TestedCluster(_options, crowd, local, local.Server, Slices, _filler, _http);
            _clusters.Add(cluster);
            await cluster.OpenVenuesAsync(stop);
        }
    }

    private async Task JoinRunningAsync(CancellationToken stop)
    {
        var crowd = await Crowd.GatherAsync(_options.Stage, _log, stop);
        var cluster = new TestedCluster(_options, crowd, null, _options.Server!, null, null, _http);
        _clusters.Add(cluster);
        await cluster.OpenVenuesAsync(stop);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _clusters)
            await cluster.DisposeAsync();
        if (_filler is not null)
            await _filler.DisposeAsync();
        Slices?.Dispose();
        _http.Dispose();
        if (!Directory.Exists(_folder))
            return;
        if (IsDone)
            Directory.Delete(_folder, recursive: true);
        else
            await Console.Error.WriteLineAsync($"the data and the logs of the processes stay in {_folder}");
    }
}
