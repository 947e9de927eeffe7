namespace Grid.Tests.Engine;

/// <summary>A grain with a timer.</summary>
public interface ITimerGrain : IGrainWithGuidKey
{
    /// <summary>Starts a timer whose ticks pass a gate.</summary>
    Task Start(string gate, TimeSpan due, TimeSpan period, bool interleave);

    /// <summary>Sets new times.</summary>
    Task Change(TimeSpan due, TimeSpan period);

    /// <summary>Ends the timer.</summary>
    Task Stop();

    /// <summary>Ends the activation.</summary>
    Task Leave();

    /// <summary>Waits at a gate, alone.</summary>
    Task Wait(string gate);
}

/// <inheritdoc cref="ITimerGrain"/>
public sealed class TimerGrain : Grain, ITimerGrain
{
    private IGrainTimer? _timer;

    /// <inheritdoc/>
    public Task Start(string gate, TimeSpan due, TimeSpan period, bool interleave)
    {
        _timer = this.RegisterGrainTimer(
            static (gate, _) => Gates.Pass(gate), gate,
            new GrainTimerCreationOptions { DueTime = due, Period = period, Interleave = interleave });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Change(TimeSpan due, TimeSpan period)
    {
        _timer!.Change(due, period);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Stop()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Wait(string gate) => Gates.Pass(gate);
}
