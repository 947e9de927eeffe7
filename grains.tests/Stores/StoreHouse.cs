using System.Diagnostics.Metrics;
using Grid.Codes;
using Grid.Scans;
using Grid.Silo.Stores;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grid.Tests.Stores;

/// <summary>A state as a grain would have one.</summary>
[GenerateSerializer]
public sealed class Note : IPendingWork
{
    [Id(0)] public string Text { get; set; } = "";

    [Id(1)] public bool Left { get; set; }

    [Id(2)] public byte[] Weight { get; set; } = [];

    public bool HasPendingWork => Left;
}

/// <summary>A store on a folder of its own, opened and opened again.</summary>
internal sealed class StoreHouse : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private long _commits;
    private long _rows;

    internal StoreHouse()
    {
        Options = new StoreOptions { Folder = Path.Combine(_folder.Path, "store") };
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == StoreMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument.Name == "grid.store.commits")
                Interlocked.Add(ref _commits, value);
        });
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) =>
        {
            if (instrument.Name == "grid.store.commit.rows")
                Interlocked.Add(ref _rows, value);
        });
        _listener.Start();
    }

    internal StoreOptions Options { get; }

    internal TimeProvider Time { get; set; } = TimeProvider.System;

    internal StoreSchema Schema { get; set; } = StoreSchema.Current;

    internal SqliteStore Store { get; private set; } = null!;

    internal GridGrainStorage States { get; private set; } = null!;

    internal SqliteVisitLog Visits { get; private set; } = null!;

    internal PartitionLoader Loader { get; private set; } = null!;

    internal long Commits => Interlocked.Read(ref _commits);

    internal long RowsCommitted => Interlocked.Read(ref _rows);

    internal string FilePath(int number = 0) => Path.Combine(Options.Folder, $"grid-{number:00}.db");

    /// <summary>Opens the folder, all files of it unless the test says which.</summary>
    internal StoreHouse Open(Action<SqliteStore>? open = null)
    {
        Close();
        Store = Another(open);
        States = new GridGrainStorage(new SqliteStates(Store));
        Visits = new SqliteVisitLog(Store);
        Loader = new PartitionLoader(Store);
        return this;
    }

    /// <summary>A second store on the same folder.</summary>
    internal SqliteStore Another(Action<SqliteStore>? open = null)
    {
        var metrics = new StoreMetrics(_services.GetRequiredService<IMeterFactory>());
        var services = new StoreServices(metrics, Time, NullLogger.Instance);
        return new SqliteStore(Options, services, Schema, open ?? SqliteStore.OpenAll);
    }

    internal void Close() => Store?.Dispose();

    internal async Task<GrainState<Note>> Read(GrainId grain)
    {
        var state = new GrainState<Note>();
        await States.ReadStateAsync("note", grain, state).WaitAsync(Patience);
        return state;
    }

    internal Task Write(GrainId grain, GrainState<Note> state) =>
        States.WriteStateAsync("note", grain, state).WaitAsync(Patience);

    internal static GrainId Fresh() => GrainId.Create("note", Guid.NewGuid().ToString("N"));

    /// <summary>A key that lies in a given partition.</summary>
    internal static GrainId InPartition(int partition, int number) => GrainId.Create(
        "note", $"{(uint)partition << 22 | (uint)number & 0x3FFFFF:x8}{number:x24}");

    internal static GrainState<Note> New(string text, bool left = false) => new(new Note { Text = text, Left = left });

    internal static Visit Visit(string scanId, DateTimeOffset at, ulong content = 1, string venue = "venue-1") => new(
        scanId, venue, "device-1", Guid.Parse("0f0e0d0c-0b0a-0908-0706-050403020100"), content, RefusalReasons.Doses,
        CodeColour.Yellow, new TestView(TestState.Resulted, null, at.AddHours(-5), null), "张*", at);

    public void Dispose()
    {
        Close();
        _listener.Dispose();
        _services.Dispose();
        _folder.Dispose();
    }
}
