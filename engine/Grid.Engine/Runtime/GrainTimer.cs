using Grid.Codec;
using Microsoft.Extensions.Logging;

namespace Grid.Engine.Runtime;

/// <summary>A timer of an activation. A tick goes through the activation's queue like a call.</summary>
internal abstract partial class GrainTimer : IGrainTimer
{
    private static readonly GrainMethod s_turn = new(typeof(IGrainTimer), "Tick", 0, GrainMethodKind.Exclusive, isReadOnly: false, 0);
    private static readonly GrainMethod s_interleaved = new(typeof(IGrainTimer), "Tick", 0, GrainMethodKind.Interleave, isReadOnly: false, 0);

    private readonly Activation _activation;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private TimeSpan _period;
    private bool _ticking;
    private bool _changed;

    private GrainTimer(Activation activation, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _options = options;
        _period = options.Period;
    }

    internal static IGrainTimer Start<TState>(
        Activation activation, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        CheckTimes(options.DueTime, options.Period);
        var timer = new Typed<TState>(activation, callback, state, options);
        timer._timer = activation.Host.Engine.Time.CreateTimer(
            static timer => ((GrainTimer)timer!).Ring(), timer, options.DueTime, Timeout.InfiniteTimeSpan);
        activation.AddTimer(timer);
        return timer;
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        CheckTimes(dueTime, period);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ending.IsCancellationRequested, this);
            _period = period;
            _changed = true;
            _timer?.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_ending.IsCancellationRequested)
            {
                return;
            }

            _timer?.Dispose();
        }

        _ending.Cancel();
        _activation.RemoveTimer(this);
    }

    private static void CheckTimes(TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        }

        if (period != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.Zero);
        }
    }

    private protected abstract Task Call(CancellationToken token);

    private void Ring()
    {
        lock (_lock)
        {
            // At most one tick is under way: one that is due meanwhile is left out.
            if (_ticking || _ending.IsCancellationRequested)
            {
                return;
            }

            _ticking = true;
            _changed = false;
        }

        var tick = new Tick(this);
        tick.PrepareTick(_activation, _options.Interleave ? s_interleaved : s_turn);
        _activation.TryEnqueue(tick);
    }

    private async ValueTask RunAsync()
    {
        try
        {
            if (!_ending.IsCancellationRequested)
            {
                await Call(_ending.Token);
            }
        }
        catch (Exception error)
        {
            LogTickFailed(_activation.Host.Engine.Log, _activation.GrainId, error);
        }
        finally
        {
            Rearm();
        }
    }

    private void Rearm()
    {
        lock (_lock)
        {
            _ticking = false;
            if (!_changed && !_ending.IsCancellationRequested)
            {
                _timer?.Change(_period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A timer of {Grain} threw; it goes on ticking.")]
    private static partial void LogTickFailed(ILogger log, GrainId grain, Exception error);

    private sealed class Typed<TState>(
        Activation activation, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
        : GrainTimer(activation, options)
    {
        private protected override Task Call(CancellationToken token) => callback(state, token);
    }

    private sealed class Tick(GrainTimer timer) : VoidCall
    {
        internal override bool IsTick => true;

        internal override bool IsUse => timer._options.KeepAlive;

        public override void WriteArguments(ref CodecWriter writer)
        {
        }

        public override void ReadArguments(ref CodecReader reader)
        {
        }

        protected override ValueTask InvokeGrain(object grain) => timer.RunAsync();

        protected override void Recycle()
        {
        }
    }
}
