namespace Grid.Engine;

/// <summary>Something with a grain identity: a grain, or a reference to one.</summary>
public interface IAddressable;

/// <summary>The root of every grain interface.</summary>
public interface IGrain : IAddressable;

/// <summary>Marks a grain interface whose grains are named by a <see cref="Guid"/>.</summary>
public interface IGrainWithGuidKey : IGrain;

/// <summary>Marks a grain interface whose grains are named by a string.</summary>
public interface IGrainWithStringKey : IGrain;

/// <summary>What the runtime needs to know of a grain class. <see cref="Grain"/> implements it.</summary>
public interface IGrainBase
{
    /// <summary>The activation that this object belongs to.</summary>
    IGrainContext GrainContext { get; }

    /// <summary>Runs once, after the states are loaded and before the first call. An exception fails the activation.</summary>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <summary>Runs before the activation is dropped, if the process lives long enough. No guarantee.</summary>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}

/// <summary>
/// Base class of grains. One activation of a grain runs one turn at a time; the runtime makes it on the first call and
/// drops it when it has been idle for its collection age.
/// </summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly Runtime.Activation _activation;

    /// <summary>Takes the activation that is being built on this thread; none when a test calls the constructor itself.</summary>
    protected Grain() => _activation = (SynchronizationContext.Current as Runtime.Activation)!;

    /// <summary>The activation that this object belongs to.</summary>
    public IGrainContext GrainContext => _activation;

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => _activation.GrainFactory;

    /// <summary>The services of the silo.</summary>
    protected internal IServiceProvider ServiceProvider => _activation.ActivationServices;

    /// <summary>Drops this activation once the turns that run now are done; the next call makes a new one.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>
    /// Holds this activation for at least <paramref name="timeSpan"/> from now, whatever its collection age. A negative
    /// span takes back an earlier hold; <see cref="TimeSpan.MaxValue"/> or <see cref="Timeout.InfiniteTimeSpan"/> holds it for good.
    /// </summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => _activation.DelayDeactivation(timeSpan);

    /// <inheritdoc cref="IGrainBase.OnActivateAsync"/>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc cref="IGrainBase.OnDeactivateAsync"/>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
}
