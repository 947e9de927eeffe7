using Grid.Engine.Hosting;
using Grid.Gateway.Errors;

namespace Grid.Gateway.Hosting;

/// <summary>What the embedded engine throws of its own, as the codes that callers see.</summary>
internal static class EngineFaults
{
    /// <summary>The code, or null for what is no fault of the engine's.</summary>
    internal static ErrorCode? CodeOf(Exception fault) => fault switch
    {
        GrainOverloadedException or GrainUnavailableException => ErrorCodes.Overloaded,
        // Another owner wrote first, so nothing was written; the next call reads the store again.
        InconsistentStateException => ErrorCodes.StoreUnavailable,
        _ => null,
    };
}
