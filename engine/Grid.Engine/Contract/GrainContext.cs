namespace Grid.Engine;

/// <summary>An activation as its grain and the call filters see it.</summary>
public interface IGrainContext
{
    /// <summary>The identity of the grain.</summary>
    GrainId GrainId { get; }

    /// <summary>The grain object, or null while it is being made.</summary>
    object? GrainInstance { get; }

    /// <summary>The services of the silo. Unlike Orleans there is no scope for each activation.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Done when this activation is gone.</summary>
    Task Deactivated { get; }

    /// <summary>Drops this activation once the turns that run now are done.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
