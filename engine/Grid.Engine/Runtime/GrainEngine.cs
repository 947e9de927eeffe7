using System.Diagnostics.Metrics;
using Grid.Engine.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Grid.Engine.Runtime;

/// <summary>One engine: the grains of a silo, its clock, and the seams to what lies outside.</summary>
internal sealed partial class GrainEngine : IGrainFactory, IGrainPreloader, Wire.ICallReceiver, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly GrainCatalog _catalog;
    private volatile bool _isRefusing;
    private long _departures;

    public GrainEngine(IServiceProvider services, IOptions<EngineOptions> options)
    {
        EngineExceptions.Register();
        Services = services;
        Options = options.Value;
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Scheduler = services.GetService<IGrainScheduler>() ?? new PoolScheduler();
        Router = services.GetService<IGrainRouter>() ?? new EverythingIsHere();
        Gate = services.GetService<LeaseGate>();
        Partitions = new PartitionDoors(this, areOpen: Gate is null);
        Log = services.GetService<ILoggerFactory>()?.CreateLogger("Grid.Engine") ?? NullLogger.Instance;
        Clock = new CallClock(Time, Options.ClockStep);
        ResponseTimeoutSteps = Clock.StepsIn(Options.ResponseTimeout);
        Limits = new CallLimits(Clock, ResponseTimeoutSteps);
        Metrics = new EngineMetrics(services.GetService<IMeterFactory>(), this);
        _catalog = new GrainCatalog(this, services.GetServices<IIncomingGrainCallFilter>().ToArray());
        Collector = new Collector(this);
        Clock.Stepped += Collector.Step;
    }

    internal IServiceProvider Services { get; }

    internal EngineOptions Options { get; }

    internal TimeProvider Time { get; }

    internal IGrainScheduler Scheduler { get; }

    internal IGrainRouter Router { get; }

    /// <summary>Shut while this silo may not answer of itself; null where it stands alone.</summary>
    internal LeaseGate? Gate { get; }

    internal PartitionDoors Partitions { get; }

    internal ILogger Log { get; }

    internal CallClock Clock { get; }

    internal EngineMetrics Metrics { get; }

    internal Collector Collector { get; }

    internal int ResponseTimeoutSteps { get; }

    internal CallLimits Limits { get; }

    internal TimeSpan DrainTimeout => Options.DrainTimeout;

    internal IReadOnlyCollection<GrainHost> Hosts => _catalog.Hosts;

    /// <summary>Set when a shutdown begins: only grains may still call.</summary>
    internal bool IsRefusing => _isRefusing;

    /// <summary>Cancelled when a shutdown begins.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey
        => (TGrainInterface)(object)_catalog.Find<TGrainInterface>(grainClassNamePrefix).Create(GrainKey.Of(primaryKey));

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrEmpty(primaryKey);
        return (TGrainInterface)(object)_catalog.Find<TGrainInterface>(grainClassNamePrefix).Create(GrainKey.Of(primaryKey));
    }

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable
        => MakeReference<TGrainInterface>(_catalog.HostOf(grainId.Type), grainId.Key.Inner);

    public long Mark() => Interlocked.Read(ref _departures);

    public bool Preload<TState>(GrainId grainId, string stateName, TState state, long version, long mark)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        return _catalog.HostOf(grainId.Type).Preload(grainId.Key.Inner, new StateSeed<TState>(stateName, state, version), mark);
    }

    public void Dispose()
    {
        Clock.Dispose();
        Metrics.Dispose();
        _stopping.Dispose();
    }

    internal T MakeReference<T>(GrainHost host, in GrainKey key) => (T)(object)_catalog.Proxies<T>(host).Create(host, key);

    /// <summary>Counts an activation that leaves memory.</summary>
    /// <returns>Its number, above every mark that was given before.</returns>
    internal long Depart() => Interlocked.Increment(ref _departures);

    internal void Start()
    {
        _catalog.EnsureFilled();
        Clock.Start();
    }

    /// <summary>
    /// Refuses calls from outside, lets turns end, and drops every activation with the reason of a shutdown, as long as
    /// the time given lasts.
    /// </summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        _isRefusing = true;
        _stopping.Cancel();
        using var limit = new CancellationTokenSource(DrainTimeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var left = await Collector.DrainAsync(either.Token);
        if (left > 0)
        {
            Log.LogWarning("The engine stopped with {Left} activations still at work.", left);
        }

        Clock.Stop();
    }
}
