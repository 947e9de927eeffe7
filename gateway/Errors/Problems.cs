using System.Globalization;
using Grid.Gateway.Json;
using Grid.Gateway.Requests;
using Grid.Gateway.Tracing;
using Microsoft.AspNetCore.Http.Features;

namespace Grid.Gateway.Errors;

/// <summary>Writes every error answer, so that all have the same form.</summary>
internal static class Problems
{
    internal const string ContentType = "application/problem+json";

    // Discard a refused body up to this size, so that a caller that sends everything before it reads still gets the
    // answer.
    private const long MaxDiscardedBytes = 4 << 20;
    private const int MaxLength = 2048;
    private const int MaxDetailLength = 500;

    /// <param name="retryAfterSeconds">Overrides the code's own value.</param>
    /// <param name="members">Further members, as JSON that begins with a comma.</param>
    internal static Task WriteAsync(
        HttpContext context,
        ErrorCode code,
        string? detail = null,
        int? retryAfterSeconds = null,
        string? members = null
    )
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            // The status is sent already: only an aborted connection can mark the answer as incomplete.
            context.Abort();
            return Task.CompletedTask;
        }
        code.CountAnswer();
        // Kestrel discards the rest of a body within the limit, and resets the connection for a larger one.
        if (
            code == ErrorCodes.BodyTooLarge
            && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit
        )
            limit.MaxRequestBodySize = MaxDiscardedBytes;
        if (context.Features.Get<RequestFault>() is null)
            context.Features.Set(new RequestFault(code, Faults.GatewayTier));
        var methods = response.Headers.Allow;
        response.Clear();
        // RFC 9110 requires Allow in a 405. A route with GET also has HEAD.
        response.Headers.Allow =
            methods.ToString() is { } allowed && allowed.Contains(HttpMethods.Get, StringComparison.Ordinal)
                ? $"{allowed}, {HttpMethods.Head}"
                : methods;
        response.StatusCode = code.Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = EveryAnswer.NoSniff;
        // A stream has no end of its own, so do not wait for the rest.
        if (code == ErrorCodes.Stopping)
            response.Headers.Connection = "close";
        var retryAfter = retryAfterSeconds ?? code.RetryAfterSeconds;
        if (retryAfter > 0)
            response.Headers.RetryAfter = retryAfter.ToString(CultureInfo.InvariantCulture);
        if (code.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate =
                code == ErrorCodes.TokenMissing ? "Bearer" : "Bearer error=\"invalid_token\"";
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        var body = Body(code, detail, TraceId(context), members);
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }

    internal static string TraceId(HttpContext context) => TraceIdentity.Of(context).TraceId.ToHexString();

    private static byte[] Body(ErrorCode code, string? detail, string traceId, string? members)
    {
        if (detail?.Length > MaxDetailLength)
            detail = detail[..MaxDetailLength];
        Span<byte> buffer = stackalloc byte[MaxLength * 2];
        var json = new JsonText(buffer);
        json.Raw("{\"type\":\"urn:grid:error:"u8);
        json.Text(code.Code);
        json.Raw("\",\"title\":\""u8);
        json.Text(code.Title);
        json.Raw("\",\"status\":"u8);
        json.Number(code.Status);
        json.Raw(",\"detail\":\""u8);
        json.Text(detail ?? code.Title);
        json.Raw("\",\"code\":\""u8);
        json.Text(code.Code);
        json.Raw("\",\"traceId\":\""u8);
        json.Text(traceId);
        json.Raw("\""u8);
        if (members is not null)
            json.Raw(System.Text.Encoding.UTF8.GetBytes(members));
        json.Raw("}"u8);
        return json.Written.ToArray();
    }
}
