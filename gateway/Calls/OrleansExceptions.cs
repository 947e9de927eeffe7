using Grid.Gateway.Errors;
using Orleans.Runtime.Messaging;

namespace Grid.Gateway.Calls;

/// <summary>What Orleans throws of its own, as the codes that callers see.</summary>
internal static class OrleansExceptions
{
    /// <summary>The code, or null for what is no fault of the engine's.</summary>
    internal static ErrorCode? CodeOf(Exception fault) =>
        fault switch
        {
            // The silo died with the call: it may have done it.
            SiloUnavailableException or OutcomeUnknownException => ErrorCodes.Timeout,
            NotServingException => ErrorCodes.Overloaded,
            LimitExceededException or GatewayTooBusyException => ErrorCodes.Overloaded,
            OrleansMessageRejectionException or ConnectionFailedException or ClientNotAvailableException =>
                ErrorCodes.Overloaded,
            // Another owner wrote first, so nothing was written; the next call reads the store again.
            InconsistentStateException => ErrorCodes.StoreUnavailable,
            // GetGrain, in a gateway that knows no silo which hosts the grain.
            ArgumentException { Source: "Orleans.Core" } => ErrorCodes.Overloaded,
            _ => null,
        };
}
