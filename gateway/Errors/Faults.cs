using System.Text.Json;
using Grid.Gateway.Calls;

namespace Grid.Gateway.Errors;

/// <summary>
/// Maps an exception to an error. An unknown exception becomes <c>internal</c> and is logged as such.
/// </summary>
internal static class Faults
{
    /// <summary>The tier of a refusal or failure before any grain call.</summary>
    internal const string GatewayTier = "gateway";

    private const string EngineTier = "engine";
    private const string StoreTier = "store";

    /// <summary>The tier in which the failure occurred.</summary>
    internal static string TierOf(Exception exception) =>
        exception switch
        {
            StoreException or InconsistentStateException => StoreTier,
            TimeoutException or OperationCanceledException => EngineTier,
            AggregateException { InnerExceptions: [var one, ..] } => TierOf(one),
            _ => OrleansExceptions.CodeOf(exception) is null ? GatewayTier : EngineTier,
        };

    internal static (ErrorCode Code, string? Detail) Map(Exception exception) =>
        exception switch
        {
            RefusedException refused => (refused.Code, refused.Detail),
            BadHttpRequestException bad => OfRequest(bad),
            JsonException json => JsonProblems.Map(json),
            // Orleans cancels a message when it cannot place the grain in time.
            TimeoutException or OperationCanceledException => (ErrorCodes.Timeout, null),
            StoreException store => (OfStore(store), null),
            AggregateException { InnerExceptions: [var one, ..] } => Map(one),
            _ => (OrleansExceptions.CodeOf(exception) ?? ErrorCodes.Internal, null),
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
                "A JSON body is required."
            ),
            _ => (ErrorCodes.OfStatus(bad.StatusCode), null),
        };
}
