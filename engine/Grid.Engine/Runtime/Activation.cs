namespace Grid.Engine.Runtime;

/// <summary>One activation of a grain.</summary>
public sealed class Activation : SynchronizationContext, IGrainContext
{
    public GrainId GrainId => throw new NotImplementedException();
    public object? GrainInstance => null;
    public IServiceProvider ActivationServices => throw new NotImplementedException();
    public Task Deactivated => throw new NotImplementedException();
    internal IGrainFactory GrainFactory => throw new NotImplementedException();
    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    internal void DelayDeactivation(TimeSpan span) => throw new NotImplementedException();
    internal T Reference<T>() => throw new NotImplementedException();
}
