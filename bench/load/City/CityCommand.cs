using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;
using Grid.Bench.Load.Processes;
using Grid.Bench.Load.Scenarios;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.City;

/// <summary>
/// A whole city in one process: made in bulk, brought into memory while residents look at their codes, and asked when all
/// are hot.
/// </summary>
internal sealed class CityCommand(CityOptions options)
{
    private const int Connections = 64;

    // Tubes, doses and lists beside a resident: measured about 500 B, and room for the write-ahead logs.
    private const long DiskBytesPerResident = 1_500;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MakeMax = TimeSpan.FromHours(2);

    public static async Task<int> RunAsync(CityOptions options, CancellationToken stop)
    {
        var report = await new CityCommand(options).RunAsync(stop);
        Console.Write(report.Text());
        if (options.JsonFile is { } file)
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(report, ReportText.Json) + "\n", stop);
        return report.WhileLoading.ErrorRate <= 0.001 && report.Hot.ErrorRate <= 0.001 ? 0 : 1;
    }

    private async Task<CityReport> RunAsync(CancellationToken stop)
    {
        var folder = options.Data ?? Path.Combine(options.Scratch, $"grid-city-{Guid.NewGuid():N}");
        var logs = Directory.CreateTempSubdirectory("grid-city-logs-").FullName;
        try
        {
            var made = File.Exists(Path.Combine(folder, ResidentList.DemoFile)) ? (double?)null : await MakeAsync(folder, logs, stop);
            return await ServeAsync(folder, logs, made, stop);
        }
        finally
        {
            if (options.Data is null && !options.Keep && Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.Delete(logs, recursive: true);
        }
    }

    private async Task<double> MakeAsync(string folder, string logs, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        var free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free < options.Residents * DiskBytesPerResident)
            throw new LoadException($"{folder} has {free / 1e9:0.0} GB free; a city of {options.Residents:N0} is given {options.Residents * DiskBytesPerResident / 1e9:0.0} GB");
        await Console.Error.WriteLineAsync($"making a city of {options.Residents:N0} residents in {folder}");
        var since = Stopwatch.GetTimestamp();
        string[] command =
        [
            "demo", "--residents", options.Residents.ToString(CultureInfo.InvariantCulture), "--serve", "false", "--Grid:Data", folder,
        ];
        await using var maker = ServerProcess.Start(
            "demo", ServerProcess.Dotnet(Repository.Gateway(options.Gateway), command), Path.Combine(logs, "demo.log"));
        while (!maker.HasExited)
        {
            if (Stopwatch.GetElapsedTime(since) > MakeMax)
                throw new LoadException($"the city was not made in {MakeMax.TotalMinutes:0} minutes");
            await Task.Delay(Look, stop);
        }
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        var count = File.Exists(Path.Combine(folder, ResidentList.DemoFile)) ? File.ReadLines(Path.Combine(folder, ResidentList.DemoFile)).Count() : 0;
        if (count < options.Residents)
            throw new LoadException($"the city was not made: {string.Join(' ', File.ReadLines(Path.Combine(logs, "demo.log")).TakeLast(1))}");
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"made in {seconds:0} s"));
        return seconds;
    }

    private async Task<CityReport> ServeAsync(string folder, string logs, double? made, CancellationToken stop)
    {
        var stage = new StageOptions
        {
            Residents = options.Phones, DataFolder = folder, Gateway = options.Gateway, Zipf = 0, Codes = 1, Venues = 1, Batch = 1, Tubes = 1,
            TubeSize = 1, Mix = [1, 0, 0],
        };
        var file = ResidentList.FileOf(stage);
        var all = File.ReadLines(file).Count();
        var phones = ResidentList.Spread(file, all, options.Phones);
        var tokens = new PackedText([.. await new TokenMint(stage).ManyAsync("resident", phones, stop)]);

        var port = ServerProcess.FreePort();
        var url = $"http://127.0.0.1:{port}";
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var since = Stopwatch.GetTimestamp();
        await using var gateway = ServerProcess.Start(
            "gateway", ServerProcess.Dotnet(Repository.Gateway(options.Gateway), "--Grid:Data", folder, "--urls", url), Path.Combine(logs, "gateway.log"));
        await gateway.UntilReadyAsync(port, options.LoadMax, stop);
        var ready = Stopwatch.GetElapsedTime(since).TotalSeconds;
        var plan = new LoadPlan { Server = new IPEndPoint(IPAddress.Loopback, port), Connections = Connections, ServerPids = [gateway.Pid] };
        var displays = new DisplayRequests(plan.Server.ToString(), tokens);

        var (loading, seconds) = await WhileLoadingAsync(plan, displays, http, url, all, stop);
        var hot = plan with { Duration = options.Duration, Warmup = TimeSpan.FromSeconds(3) };
        var asked = await LoadRun.RunAsync(hot, "display", worker => Source(displays, worker), Console.Error, stop);
        var heap = MetricsText.Parse(await http.GetStringAsync($"{url}/metrics", stop));
        return new CityReport(
            all, made, Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length), ready, seconds,
            ResidentBytesOf(gateway.Pid), (long)heap.Sum("dotnet_gc_last_collection_heap_size_bytes"), loading, asked);
    }

    private async Task<(LoadReport Load, double Seconds)> WhileLoadingAsync(
        LoadPlan plan, DisplayRequests displays, HttpClient http, string url, int residents, CancellationToken stop)
    {
        using var loaded = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var open = plan with { Rate = RateProfile.Flat(options.Rate), Warmup = TimeSpan.Zero, Duration = options.LoadMax };
        var since = Stopwatch.GetTimestamp();
        var load = LoadRun.RunAsync(open, "display", worker => Source(displays, worker), Console.Error, loaded.Token);
        while (await ActivationsAsync(http, url, stop) < residents)
        {
            if (Stopwatch.GetElapsedTime(since) > options.LoadMax)
                throw new LoadException($"the city was not in memory after {options.LoadMax.TotalMinutes:0} minutes");
            await Task.Delay(Look, stop);
        }
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"all in memory after {seconds:0.0} s"));
        await loaded.CancelAsync();
        return (Shorten(await load, seconds), seconds);
    }

    // It was planned for as long as loading may take, and ended when it was over.
    private static LoadReport Shorten(LoadReport load, double seconds) => load with
    {
        Seconds = seconds,
        OfferedPerSecond = load.OfferedPerSecond * load.Seconds / seconds,
        AchievedPerSecond = load.AchievedPerSecond * load.Seconds / seconds,
        UnitsPerSecond = load.UnitsPerSecond * load.Seconds / seconds,
    };

    private static DisplaySource Source(DisplayRequests displays, int worker) => new(displays, new ZipfSampler(displays.Residents, 0, worker + 1));

    private static async Task<double> ActivationsAsync(HttpClient http, string url, CancellationToken stop) =>
        MetricsText.Parse(await http.GetStringAsync($"{url}/metrics", stop)).Max("grid_engine_activations");

    private static long ResidentBytesOf(int pid)
    {
        foreach (var line in File.ReadLines($"/proc/{pid}/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                return 1024 * long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
        }
        return 0;
    }
}
