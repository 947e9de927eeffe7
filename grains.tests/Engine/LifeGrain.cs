using System.Collections.Concurrent;

namespace Grid.Tests.Engine;

/// <summary>A grain that writes down its life in <see cref="Lives"/>.</summary>
public interface ILifeGrain : IGrainWithGuidKey
{
    /// <summary>The number of this activation among those of the grain.</summary>
    Task<int> Activation();

    /// <summary>Drops the activation.</summary>
    Task Leave();

    /// <summary>Holds the activation.</summary>
    Task Hold(TimeSpan span);

    /// <summary>Waits at a gate.</summary>
    Task Wait(string gate);

    /// <summary>Starts a timer that only ticks.</summary>
    Task Tick(TimeSpan period, bool keepAlive);
}

/// <summary>What became of the activations of each grain.</summary>
internal static class Lives
{
    private static readonly ConcurrentDictionary<Guid, Life> s_lives = new();

    internal static Life Of(Guid key) => s_lives.GetOrAdd(key, static _ => new Life());

    internal sealed class Life
    {
        internal int Activated;
        internal int Failures;
        internal int Ticks;
        internal string? LeavingGate;
        internal ConcurrentQueue<DeactivationReason> Ends { get; } = new();
    }
}

/// <inheritdoc cref="ILifeGrain"/>
public sealed class LifeGrain : Grain, ILifeGrain
{
    private int _activation;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var life = Lives.Of(this.GetPrimaryKey());
        await Task.Yield();
        if (life.Failures > 0)
        {
            life.Failures--;
            throw new InvalidOperationException("This activation was to fail.");
        }

        _activation = Interlocked.Increment(ref life.Activated);
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var life = Lives.Of(this.GetPrimaryKey());
        if (life.LeavingGate is { } gate)
        {
            await Gates.Pass(gate);
        }

        life.Ends.Enqueue(reason);
    }

    /// <inheritdoc/>
    public Task<int> Activation() => Task.FromResult(_activation);

    /// <inheritdoc/>
    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Hold(TimeSpan span)
    {
        DelayDeactivation(span);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Wait(string gate) => Gates.Pass(gate);

    /// <inheritdoc/>
    public Task Tick(TimeSpan period, bool keepAlive)
    {
        this.RegisterGrainTimer(
            static (life, _) =>
            {
                Interlocked.Increment(ref life.Ticks);
                return Task.CompletedTask;
            },
            Lives.Of(this.GetPrimaryKey()),
            new GrainTimerCreationOptions(period, period) { KeepAlive = keepAlive });
        return Task.CompletedTask;
    }
}

/// <summary>The same, never collected.</summary>
public interface IKeptGrain : IGrainWithGuidKey
{
    /// <summary>How often it was activated.</summary>
    Task<int> Activations();
}

/// <inheritdoc cref="IKeptGrain"/>
[KeepAlive]
public sealed class KeptGrain : Grain, IKeptGrain
{
    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref Lives.Of(this.GetPrimaryKey()).Activated);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<int> Activations() => Task.FromResult(Lives.Of(this.GetPrimaryKey()).Activated);
}
