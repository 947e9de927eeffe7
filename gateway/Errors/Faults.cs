using System.Text.Json;
using Grid.Gateway.Calls;

namespace Grid.Gateway.Errors;

/// <summary>From an exception to the answer. What is not known here is an <c>internal</c> error and is logged as one.</summary>
internal static class Faults
{
    /// <summary>The tier of what is refused or fails before a grain is called.</summary>
    internal const string GatewayTier = "gateway";

    private const string EngineTier = "engine";
    private const string StoreTier = "store";

    /// <summary>The tier that is to be looked at.</summary>
    internal static string TierOf(Exception fault) =>
        fault switch
        {
            StoreException or InconsistentStateException => StoreTier,
            TimeoutException or OperationCanceledException => EngineTier,
            AggregateException { InnerExceptions: [var one, ..] } => TierOf(one),
            _ => OrleansExceptions.CodeOf(fault) is null ? GatewayTier : EngineTier,
        };

    internal static (ErrorCode Code, string? Detail) Map(Exception fault) =>
        fault switch
        {
            RefusedException refused => (refused.Code, refused.Detail),
            BadHttpRequestException bad => OfRequest(bad),
            JsonException json => JsonProblems.Map(json),
            // Orleans cancels a message whose grain could not be placed in time.
            TimeoutException or OperationCanceledException => (ErrorCodes.Timeout, null),
            StoreException store => (OfStore(store), null),
            AggregateException { InnerExceptions: [var one, ..] } => Map(one),
            _ => (OrleansExceptions.CodeOf(fault) ?? ErrorCodes.Internal, null),
        };

    private static ErrorCode OfStore(StoreException store) =>
        store.Code switch
        {
            StoreErrorCodes.Overloaded => ErrorCodes.Overloaded,
            StoreErrorCodes.Damaged
            or StoreErrorCodes.Invalid
            or StoreErrorCodes.SchemaNewer
            or StoreErrorCodes.SchemaOlder => ErrorCodes.Internal,
            _ => ErrorCodes.StoreUnavailable,
        };

    private static (ErrorCode Code, string? Detail) OfRequest(BadHttpRequestException bad) =>
        bad switch
        {
            { InnerException: JsonException json } => JsonProblems.Map(json),
            { StatusCode: StatusCodes.Status400BadRequest }
                when bad.Message.Contains("body", StringComparison.OrdinalIgnoreCase) => (
                ErrorCodes.JsonInvalid,
                "A JSON body is needed."
            ),
            _ => (ErrorCodes.OfStatus(bad.StatusCode), null),
        };
}
