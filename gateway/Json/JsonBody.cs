using Grid.Gateway.Errors;
using Grid.Gateway.Requests;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Grid.Gateway.Json;

/// <summary>
/// Reads a request's content type and encoding. JSON is in UTF-8 (RFC 8259); another charset would be misread.
/// </summary>
internal static class JsonBody
{
    private const string Plain = "application/json";
    private const string PlainInUtf8 = "application/json; charset=utf-8";
    private const string Charset = "charset";

    /// <summary>Whether the content type is JSON in UTF-8.</summary>
    internal static bool IsJson(HttpRequest request)
    {
        var type = request.ContentType;
        if (type is null)
            return false;
        if (
            type.Equals(Plain, StringComparison.OrdinalIgnoreCase)
            || type.Equals(PlainInUtf8, StringComparison.OrdinalIgnoreCase)
        )
            return !IsEncoded(request);
        return MediaTypeHeaderValue.TryParse(type, out var parsed)
            && IsJson(parsed)
            && Charsets.IsUtf8(parsed)
            && !IsEncoded(request);
    }

    /// <summary>
    /// Whether the charset is UTF-8 in any legal spelling, or absent. Normalises the spelling, since the framework
    /// accepts only one.
    /// </summary>
    internal static bool TakeCharset(HttpRequest request)
    {
        var type = request.ContentType;
        if (
            string.IsNullOrEmpty(type)
            || type.Equals(PlainInUtf8, StringComparison.OrdinalIgnoreCase)
            || !type.Contains(Charset, StringComparison.OrdinalIgnoreCase)
        )
            return true;
        if (!MediaTypeHeaderValue.TryParse(type, out var parsed) || !Charsets.IsUtf8(parsed))
            return false;
        foreach (var charset in Charsets.ParametersOf(parsed).ToArray())
            parsed.Parameters.Remove(charset);
        request.ContentType = parsed.ToString();
        return true;
    }

    /// <summary>Whether the body is compressed or has another encoding that the gateway does not decode.</summary>
    internal static bool IsEncoded(HttpRequest request)
    {
        foreach (var coding in request.Headers.ContentEncoding)
        {
            if (!string.IsNullOrEmpty(coding) && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static bool IsJson(MediaTypeHeaderValue type) =>
        type.MediaType.Equals(Plain, StringComparison.OrdinalIgnoreCase)
        || (
            type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)
            && type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)
        );
}

/// <summary>
/// Refuses bodies in an unsupported charset or encoding, before a call misreads them.
/// </summary>
internal sealed class BodyTypeMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        // An import accepts several content types and checks them itself.
        if (
            context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }
            || RouteLimits.IsStreamed(context)
        )
            return next(context);
        if (JsonBody.IsEncoded(context.Request))
            return Problems.WriteAsync(
                context,
                ErrorCodes.MediaTypeUnsupported,
                "The body must have no Content-Encoding."
            );
        return JsonBody.TakeCharset(context.Request)
            ? next(context)
            : Problems.WriteAsync(context, ErrorCodes.MediaTypeUnsupported, "The body must be in UTF-8.");
    }
}
