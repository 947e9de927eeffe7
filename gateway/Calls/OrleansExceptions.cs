using Grid.Gateway.Errors;
using Orleans.Runtime.Messaging;

namespace Grid.Gateway.Calls;

/// <summary>Maps Orleans' own exceptions to error codes.</summary>
internal static class OrleansExceptions
{
    /// <summary>The code; null for an exception that Orleans did not throw.</summary>
    internal static ErrorCode? CodeOf(Exception exception) =>
        exception switch
        {
            // The silo died during the call: the outcome is unknown.
            SiloUnavailableException or OutcomeUnknownException => ErrorCodes.Timeout,
            NotServingException => ErrorCodes.Overloaded,
            LimitExceededException or GatewayTooBusyException => ErrorCodes.Overloaded,
            OrleansMessageRejectionException or ConnectionFailedException or ClientNotAvailableException =>
                ErrorCodes.Overloaded,
            // Another owner wrote first, so this write failed; the next call reads the store again.
            InconsistentStateException => ErrorCodes.StoreUnavailable,
            // GetGrain throws this in a gateway that knows no silo with the grain.
            ArgumentException { Source: "Orleans.Core" } => ErrorCodes.Overloaded,
            _ => null,
        };
}
