namespace Grid.Engine.Runtime;

internal static class GrainTimer
{
    internal static IGrainTimer Start<TState>(Activation activation, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
        => throw new NotImplementedException();
}
