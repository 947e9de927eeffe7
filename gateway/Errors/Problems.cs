using System.Globalization;
using Grid.Gateway.Json;
using Grid.Gateway.Requests;
using Grid.Gateway.Tracing;
using Microsoft.AspNetCore.Http.Features;

namespace Grid.Gateway.Errors;

/// <summary>Writes error answers. One place, so that all of them look the same.</summary>
internal static class Problems
{
    internal const string ContentType = "application/problem+json";

    // A body up to here is thrown away after its refusal, so that a caller that sends all before it reads gets to read why.
    private const long MaxDiscardedBytes = 4 << 20;
    private const int MaxLength = 2048;
    private const int MaxDetailLength = 500;

    /// <param name="retryAfterSeconds">In place of the code's own, when more is known.</param>
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
            // The status is out: cutting the connection is the only way left to say that the answer is not whole.
            context.Abort();
            return Task.CompletedTask;
        }
        code.CountAnswer();
        // Kestrel discards what is left of a body within the limit, and breaks the connection on a larger one.
        if (
            code == ErrorCodes.BodyTooLarge
            && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit
        )
            limit.MaxRequestBodySize = MaxDiscardedBytes;
        if (context.Features.Get<RequestFault>() is null)
            context.Features.Set(new RequestFault(code, Faults.GatewayTier));
        var methods = response.Headers.Allow;
        response.Clear();
        // A 405 has to say what would be taken. Where GET is, so is HEAD.
        response.Headers.Allow =
            methods.ToString() is { } allowed && allowed.Contains(HttpMethods.Get, StringComparison.Ordinal)
                ? $"{allowed}, {HttpMethods.Head}"
                : methods;
        response.StatusCode = code.Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = EveryAnswer.NoSniff;
        // A sender of a stream would go on for as long as it likes; the rest is not waited for.
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
