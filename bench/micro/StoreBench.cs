using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grid.Codes;
using Grid.Residents;
using Grid.Results;
using Grid.Scans;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Postgres;
using Grid.Silo.Stores.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Bench.Micro;

/// <summary>
/// Measures the store alone, in durable rows a second and CPU for each row. Each of a number of callers waits for its
/// commit.
/// </summary>
internal sealed class StoreBench : IDisposable
{
    private const int Callers = 256;
    private const int BatchRows = 100;

    private readonly string _folder;
    private readonly ServiceProvider _services;
    private readonly MeterListener _listener = new();
    private readonly TimeSpan _duration;
    private readonly int _residents;
    private readonly bool _overConnection;
    private readonly Guid[] _keys;
    private long _commits;

    private StoreBench(StoreBenchArguments arguments)
    {
        _duration = TimeSpan.FromSeconds(arguments.Seconds);
        _residents = arguments.Residents;
        _overConnection = arguments.Postgres is not null;
        _keys = new Guid[_residents];
        var random = new Random(1);
        Span<byte> bytes = stackalloc byte[16];
        for (var index = 0; index < _keys.Length; index++)
        {
            random.NextBytes(bytes);
            _keys[index] = new Guid(bytes);
        }

        _folder = Path.Combine(arguments.Folder, $"grid-store-bench-{Guid.NewGuid():N}");
        var services = new ServiceCollection().AddLogging();
        _services = (
            arguments.Postgres is { } databases
                ? services.AddPostgresStores(options =>
                {
                    options.Postgres.Databases = databases.Split('|');
                    arguments.Apply(options);
                })
                : services.AddSqliteStores(options =>
                {
                    options.Sqlite.Folder = _folder;
                    arguments.Apply(options);
                })
        ).BuildServiceProvider();
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "grid.store.commits")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _commits, value));
        _listener.Start();
    }

    /// <summary>Runs the named measurements, or all.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        if (StoreBenchArguments.Parse(args) is not { } arguments)
        {
            Console.Error.WriteLine(
                "store [visits-v7|visits-v4|batches-v7|batches-v4|states|load|reads]… [--seconds 5]"
                    + " [--residents 200000] [--files 4] [--page 2048] [--group 500] [--checkpoint 1000] [--folder .]"
                    + " [--postgres 'Host=…;Database=…|…' (empty databases)"
                    + " --writers 4 --visit-writers 1 --readers 2]"
            );
            return 1;
        }

        using var bench = new StoreBench(arguments);
        if (arguments.Wants("visits-v7"))
            await bench.Visits("visits, UUIDv7", static () => Guid.CreateVersion7());
        if (arguments.Wants("visits-v4"))
            await bench.Visits("visits, UUIDv4", Guid.NewGuid);
        if (arguments.Wants("batches-v7"))
            await bench.Batches("visits by 100, UUIDv7", static () => Guid.CreateVersion7());
        if (arguments.Wants("batches-v4"))
            await bench.Batches("visits by 100, UUIDv4", Guid.NewGuid);
        if (!arguments.Wants("states") && !arguments.Wants("load") && !arguments.Wants("reads"))
            return 0;
        await bench.FillAsync();
        if (arguments.Wants("states"))
            await bench.Updates();
        if (arguments.Wants("load"))
            await bench.LoadAsync();
        if (arguments.Wants("reads"))
            await bench.Reads();
        return 0;
    }

    public void Dispose()
    {
        _services.Dispose();
        _listener.Dispose();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private Task Visits(string title, Func<Guid> id)
    {
        var log = _services.GetRequiredService<IVisitLog>();
        return MeasureAsync(title, Callers, 1, async _ => await log.AppendAsync(Visit(id())));
    }

    private Task Batches(string title, Func<Guid> id)
    {
        var log = _services.GetRequiredService<IVisitLog>();
        return MeasureAsync(title, Callers / 16, BatchRows, async _ =>
        {
            var visits = new Visit[BatchRows];
            for (var index = 0; index < visits.Length; index++)
                visits[index] = Visit(id());
            await log.AppendManyAsync(visits);
        });
    }

    private async Task FillAsync()
    {
        var storage = Storage();
        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(
            Enumerable
                .Range(0, Callers * 4)
                .Select(async _ =>
                {
                    for (
                        var index = Interlocked.Increment(ref next);
                        index < _residents;
                        index = Interlocked.Increment(ref next)
                    )
                        await storage.WriteStateAsync(
                            "resident",
                            Grain(index),
                            new GrainState<ResidentState>(State(1))
                        );
                })
        );
        Print("first writes of residents", _residents, clock.Elapsed, TimeSpan.Zero, 0);
    }

    // Like tubes of 20: many callers, each with a resident of its own.
    private Task Updates()
    {
        var storage = Storage();
        var versions = new GrainState<ResidentState>?[_residents];
        return MeasureAsync("updates of residents", Callers * 4, 1, async caller =>
        {
            var index = Random.Shared.Next(_residents / (Callers * 4)) * (Callers * 4) + caller;
            var state = versions[index] ??= new GrainState<ResidentState>(null, "1");
            state.State = State(2);
            await storage.WriteStateAsync("resident", Grain(index), state);
        });
    }

    private async Task LoadAsync()
    {
        var loader = _services.GetRequiredService<IPartitionLoader>();
        var cpu = Cpu();
        var clock = Stopwatch.StartNew();
        var count = await loader.LoadAsync<ResidentState>("resident", "resident", 0, 1_024, static () =>
            static (_, _, _) => { }
        );
        Print("bulk load, decoded", count, clock.Elapsed, Cpu() - cpu, 0);
    }

    // SQLite reads on the caller's thread; PostgreSQL groups the look-ups of many callers on one connection.
    private Task Reads()
    {
        var storage = Storage();
        return MeasureAsync(
            "look-ups on demand",
            _overConnection ? Callers * 4 : Environment.ProcessorCount,
            1,
            async _ =>
            {
                for (var time = 0; time < 100; time++)
                {
                    var state = new GrainState<ResidentState>();
                    await storage.ReadStateAsync("resident", Grain(Random.Shared.Next(_residents)), state);
                }
            },
            countedEach: 100
        );
    }

    private async Task MeasureAsync(string title, int callers, int rows, Func<int, Task> call, int countedEach = 1)
    {
        await RunForAsync(TimeSpan.FromSeconds(1), callers, call);
        var (cpu, commits, clock) = (Cpu(), Interlocked.Read(ref _commits), Stopwatch.StartNew());
        var calls = await RunForAsync(_duration, callers, call);
        var elapsed = clock.Elapsed;
        Print(title, calls * rows * countedEach, elapsed, Cpu() - cpu, Interlocked.Read(ref _commits) - commits);
    }

    private static async Task<long> RunForAsync(TimeSpan duration, int callers, Func<int, Task> call)
    {
        long calls = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(
            Enumerable
                .Range(0, callers)
                .Select(caller =>
                    Task.Run(async () =>
                    {
                        while (clock.Elapsed < duration)
                        {
                            await call(caller);
                            Interlocked.Increment(ref calls);
                        }
                    })
                )
        );
        return calls;
    }

    private static void Print(string title, long rows, TimeSpan elapsed, TimeSpan cpu, long commits) =>
        Console.WriteLine(
            $"{title, -28} {rows / elapsed.TotalSeconds, 10:N0}/s  "
                + $"{(cpu > TimeSpan.Zero ? $"{cpu.TotalMicroseconds / rows:F2} µs" : ""), 9} of CPU a row  "
                + (
                    commits > 0
                        ? $"{commits / elapsed.TotalSeconds, 7:N0} commits/s, {(double)rows / commits:F0} rows each"
                        : ""
                )
        );

    private static TimeSpan Cpu()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private IGrainStorage Storage() => _services.GetRequiredKeyedService<IGrainStorage>(GridGrainStorage.Name);

    private GrainId Grain(int index) => GrainId.Create("resident", _keys[index].ToString("N"));

    private static Visit Visit(Guid id) =>
        new(
            id.ToString("D"),
            "venue-0042",
            "device-0042",
            id,
            (ulong)id.GetHashCode(),
            RefusalReasons.None,
            CodeColour.Green,
            new TestView(TestState.Resulted, TestResult.Negative, DateTimeOffset.UnixEpoch.AddYears(52), null),
            "张*",
            TimeProvider.System.GetUtcNow()
        );

    // A typical state after a few tests: 250 bytes.
    private static ResidentState State(int version) =>
        new()
        {
            Profile = new byte[96],
            District = 610_113,
            RegisteredUnixMs = 1_640_995_200_000,
            Version = version,
            Tests =
            [
                .. Enumerable
                    .Range(0, 4)
                    .Select(number => new TestRecord(
                        Guid.NewGuid(),
                        number,
                        1_640_995_200_000,
                        1_641_000_000_000,
                        TestResult.Negative,
                        false,
                        false
                    )),
            ],
        };
}
