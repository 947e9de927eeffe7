using Grid.Engine.Wire;
using Microsoft.Extensions.Logging;

namespace Grid.Engine.Cluster;

/// <summary>
/// Keeps up with the view of a cluster for a process that has no grains of its own: a gateway. It reads the shared store at each
/// beat, and hears of changes at once from the silos that it is connected to.
/// </summary>
public sealed partial class ClusterClient : IControlHandler, IDisposable
{
    private readonly IMembershipStore _membership;
    private readonly ISiloNetwork _network;
    private readonly ClusterRouter _router;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Ticker _looks;
    private readonly Lock _lock = new();
    private readonly Sightings _sightings;
    private readonly TimeProvider _time;
    private ClusterView? _view;
    private bool _isBlind;

    /// <param name="membership">The store that all silos share.</param>
    /// <param name="network">The way to the silos; this becomes its control handler.</param>
    /// <param name="router">The router of the process' engine.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="beat">How often it looks.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="lease">How long a silo whose beat has stopped is held to live; null for what is usual.</param>
    public ClusterClient(
        IMembershipStore membership, ISiloNetwork network, ClusterRouter router, ICallReceiver engine, TimeSpan beat, TimeProvider time, ILogger log,
        TimeSpan? lease = null)
    {
        _membership = membership;
        _network = network;
        _router = router;
        _log = log;
        _time = time;
        _sightings = new Sightings(time, lease ?? new ClusterTimes().Lease);
        _looks = new Ticker(time, beat, LookAsync);
        _router.Attach(network, engine);
        _router.IsBehind += _looks.Wake;
    }

    /// <summary>The newest view that the process knows; null before the first.</summary>
    public ClusterView? View => Volatile.Read(ref _view);

    /// <summary>Whether every unit has an owner that lives, as far as is known.</summary>
    public bool IsReady => View is { } view && Enumerable.Range(0, view.Units.Length).All(unit => view.OwnerOf(unit) is { } owner && !_sightings.IsDead(owner.Id, out _));

    /// <summary>Looks once, and then at each beat. A store that does not answer, or a cluster that has no silo yet, is no error.</summary>
    public async Task StartAsync()
    {
        _network.Attach(this);
        await LookAsync();
        _looks.Wake();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _router.IsBehind -= _looks.Wake;
        _looks.Dispose();
        _stopping.Cancel();
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> HandleAsync(byte kind, ReadOnlyMemory<byte> body)
    {
        if ((ControlKind)kind == ControlKind.View)
        {
            Accept(ClusterView.Parse(body.Span));
        }

        return default;
    }

    /// <inheritdoc/>
    public void OnLost(SiloAddress silo) => _looks.Wake();

    private async Task LookAsync()
    {
        try
        {
            var version = View?.Version ?? 0;
            var from = _time.GetTimestamp();
            var pulse = await _membership.ObserveAsync(_stopping.Token);
            if (pulse.Version > version && await _membership.ReadAsync(_stopping.Token) is { } view)
            {
                Accept(view);
            }

            _sightings.Add(View?.Members.Select(static member => member.Id) ?? [], pulse, from);

            _isBlind = false;
        }
        catch (MembershipException fault)
        {
            if (!_isBlind)
            {
                LogBlind(_log, fault);
            }

            _isBlind = true;
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private void Accept(ClusterView view)
    {
        lock (_lock)
        {
            if (view.Version <= _view?.Version)
            {
                return;
            }

            Volatile.Write(ref _view, view);
        }

        _router.Follow(view, null);
    }

    [LoggerMessage(LogLevel.Warning, "The view of the cluster can't be read; the one that is known is followed")]
    private static partial void LogBlind(ILogger log, Exception fault);
}
