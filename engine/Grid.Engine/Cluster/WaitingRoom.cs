using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Grid.Engine.Wire;

namespace Grid.Engine.Cluster;

/// <summary>
/// Where calls wait whose grain is between two silos. Bounded in number and in time; whoever leaves it is routed anew.
/// </summary>
internal sealed class WaitingRoom : IDisposable
{
    private readonly RouterOptions _options;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private Queue<PendingCall> _calls = new();
    private ICallReceiver? _receiver;
    private bool _isArmed;

    internal WaitingRoom(RouterOptions options, TimeProvider time)
    {
        _options = options;
        _timer = time.CreateTimer(static room => ((WaitingRoom)room!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Here = new Door(this, isElsewhere: false, admitsGrains: false);
        Elsewhere = new Door(this, isElsewhere: true, admitsGrains: false);
        Draining = new Door(this, isElsewhere: false, admitsGrains: true);
    }

    /// <summary>The way in for grains that are or may be here soon: calls of other silos wait too.</summary>
    internal IGrainTransport Here { get; }

    /// <summary>The way in where another silo would know better: its calls are not taken.</summary>
    internal IGrainTransport Elsewhere { get; }

    /// <summary>The way in that lets calls of grains of this silo through to their activations.</summary>
    internal IGrainTransport Draining { get; }

    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _calls.Count;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    internal void Attach(ICallReceiver receiver) => _receiver = receiver;

    /// <summary>Routes all who wait anew.</summary>
    internal void LetOut()
    {
        Queue<PendingCall> calls;
        lock (_lock)
        {
            if (_calls.Count == 0 || _receiver is null)
            {
                return;
            }

            (calls, _calls) = (_calls, new Queue<PendingCall>());
        }

        foreach (var call in calls)
        {
            if (call.IsEnded)
            {
                call.LetGo();
            }
            else if (call.Age >= _options.WaitMax)
            {
                Refuse(call, new GrainUnavailableException($"No silo answers for {call.GrainId} at the moment; {call.CalledMethod} was not begun."));
            }
            else
            {
                _receiver.Dispatch(call);
            }
        }
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            _isArmed = false;
        }

        LetOut();
        lock (_lock)
        {
            if (_calls.Count == 0 || _isArmed)
            {
                return;
            }

            _isArmed = true;
        }

        _timer.Change(_options.RetryAfter, Timeout.InfiniteTimeSpan);
    }

    private void Take(PendingCall call)
    {
        bool isTaken, arm;
        lock (_lock)
        {
            isTaken = _calls.Count < _options.WaitingCallsMax;
            if (isTaken)
            {
                _calls.Enqueue(call);
            }

            arm = !_isArmed;
            _isArmed = true;
        }

        if (arm)
        {
            _timer.Change(_options.RetryAfter, Timeout.InfiniteTimeSpan);
        }

        if (!isTaken)
        {
            Refuse(call, new GrainOverloadedException(
                $"{_options.WaitingCallsMax} calls wait for another silo already; {call.CalledMethod} of {call.GrainId} was refused."));
        }
    }

    private static void Refuse(PendingCall call, Exception reason)
    {
        call.SetException(reason);
        call.LetGo();
    }

    private sealed class Door(WaitingRoom room, bool isElsewhere, bool admitsGrains) : IGrainTransport
    {
        public bool IsElsewhere => isElsewhere;

        public void Send(PendingCall call)
        {
            if (admitsGrains && call.Caller is not null && call.Host.TryDispatchHere(call))
            {
                return;
            }

            room.Take(call);
        }
    }
}
