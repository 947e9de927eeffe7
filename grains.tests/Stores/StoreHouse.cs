using System.Diagnostics.Metrics;
using Grid.Codes;
using Grid.Hosting.Health;
using Grid.Scans;
using Grid.Silo.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grid.Tests.Stores;

/// <summary>A sample grain state.</summary>
[GenerateSerializer]
public sealed class Note : IPendingWork
{
    [Id(0)]
    public string Text { get; set; } = "";

    [Id(1)]
    public bool Left { get; set; }

    [Id(2)]
    public byte[] Weight { get; set; } = [];

    public bool HasPendingWork => Left;
}

/// <summary>A store of one test, which can be reopened. The same tests run on every kind of store.</summary>
internal abstract class StoreHouse : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private long _commits;
    private long _rows;
    private StoreMetrics? _metrics;

    protected StoreHouse()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == StoreMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, _, _) =>
            {
                if (instrument.Name == "grid.store.commits")
                    Interlocked.Add(ref _commits, value);
            }
        );
        _listener.SetMeasurementEventCallback<int>(
            (instrument, value, _, _) =>
            {
                if (instrument.Name == "grid.store.commit.rows")
                    Interlocked.Add(ref _rows, value);
            }
        );
        _listener.Start();
    }

    internal TimeProvider Time { get; set; } = TimeProvider.System;

    internal GridGrainStorage States { get; private protected set; } = null!;

    internal GroupedVisitLog Visits { get; private protected set; } = null!;

    internal IPartitionLoader Loader { get; private protected set; } = null!;

    internal long Commits => Interlocked.Read(ref _commits);

    internal long RowsCommitted => Interlocked.Read(ref _rows);

    /// <summary>Opens or reopens the store.</summary>
    internal abstract StoreHouse Open();

    /// <summary>Configures one writer with these limits of group and queue, before <see cref="Open"/>.</summary>
    internal abstract void UseOneWriter(int? maxGroupRows = null, int? maxQueueRows = null);

    /// <summary>Blocks the writer, so that the writes queued in the meantime form one group.</summary>
    internal abstract WriterStop Stop();

    internal abstract void Close();

    internal async Task<GrainState<Note>> Read(GrainId grain)
    {
        var state = new GrainState<Note>();
        await States.ReadStateAsync("note", grain, state).WaitAsync(Patience);
        return state;
    }

    internal Task Write(GrainId grain, GrainState<Note> state) =>
        States.WriteStateAsync("note", grain, state).WaitAsync(Patience);

    internal static GrainId Fresh() => GrainId.Create("note", Guid.NewGuid().ToString("N"));

    /// <summary>Creates a key in a given partition.</summary>
    internal static GrainId InPartition(int partition, int number) =>
        GrainId.Create("note", $"{(uint)partition << 22 | (uint)number & 0x3FFFFF:x8}{number:x24}");

    internal static GrainState<Note> New(string text, bool left = false) => new(new Note { Text = text, Left = left });

    internal static Visit Visit(string scanId, DateTimeOffset at, ulong content = 1, string venue = "venue-1") =>
        new(
            scanId,
            venue,
            "device-1",
            Guid.Parse("0f0e0d0c-0b0a-0908-0706-050403020100"),
            content,
            RefusalReasons.Doses,
            CodeColour.Yellow,
            new TestView(TestState.Resulted, null, at.AddHours(-5), null),
            "张*",
            at
        );

    public virtual void Dispose()
    {
        Close();
        _listener.Dispose();
        _services.Dispose();
    }

    /// <summary>The health of the store since it was last opened.</summary>
    internal TierState Health => new StoreHealth(_metrics!).State;

    private protected StoreServices Services() =>
        new(_metrics = new StoreMetrics(_services.GetRequiredService<IMeterFactory>()), Time, NullLogger.Instance);
}

/// <summary>Blocks a writer until released.</summary>
internal abstract class WriterStop : IDisposable
{
    /// <summary>Releases the writer once these writes are queued, and awaits them.</summary>
    internal async Task While(IEnumerable<Task> writes)
    {
        var all = writes.ToArray();
        GoOn();
        await Task.WhenAll(all).WaitAsync(StoreHouse.Patience);
    }

    public abstract void Dispose();

    protected abstract void GoOn();
}
