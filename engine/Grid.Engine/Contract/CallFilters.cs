using System.Reflection;

namespace Grid.Engine;

/// <summary>
/// Sees each call before the grain does: a service of the silo, or the grain class itself (which comes last). A silo
/// that has any filter gives up the shortest call path.
/// </summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Handles the call; <see cref="IGrainCallContext.Invoke"/> passes it on.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>A call that is being made.</summary>
public interface IGrainCallContext
{
    /// <summary>The grain object.</summary>
    object Grain { get; }

    /// <summary>The grain that called, or null when the call came from outside.</summary>
    GrainId? SourceId { get; }

    /// <summary>The grain that is called.</summary>
    GrainId TargetId { get; }

    /// <summary>Full name of the interface.</summary>
    string InterfaceName { get; }

    /// <summary>Name of the method.</summary>
    string MethodName { get; }

    /// <summary>The method of the interface.</summary>
    MethodInfo InterfaceMethod { get; }

    /// <summary>What the caller gets, once <see cref="Invoke"/> is done; null of a method without result.</summary>
    object? Result { get; set; }

    /// <summary>Passes the call on to the next filter, or to the grain.</summary>
    Task Invoke();
}

/// <summary>A call that arrives at a grain.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    /// <summary>The activation.</summary>
    IGrainContext TargetContext { get; }

    /// <summary>The method of the grain class.</summary>
    MethodInfo ImplementationMethod { get; }
}
