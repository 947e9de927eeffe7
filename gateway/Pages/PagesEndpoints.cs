using Grid.Gateway.Requests;
using Microsoft.Extensions.Primitives;

namespace Grid.Gateway.Pages;

/// <summary>The resident's page at <c>/</c>: four small files embedded in the assembly.</summary>
internal static class PagesEndpoints
{
    // The browser loads only the page's own files and calls only the API of the same origin.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Maps the page and its files, open to every caller.</summary>
    public static IEndpointRouteBuilder MapPages(this IEndpointRouteBuilder routes)
    {
        foreach (PageFile file in PageFiles.Load())
            routes.MapGet(file.Route, context => SendAsync(context, file)).ExcludeFromDescription();
        return routes;
    }

    /// <summary>Sends a file, or 304 when the caller has it.</summary>
    internal static Task SendAsync(HttpContext context, PageFile file)
    {
        HttpResponse response = context.Response;
        IHeaderDictionary headers = response.Headers;
        headers.ETag = file.ETag;
        headers.CacheControl = file.CacheControlOf(context.Request.Query["v"]);
        headers.Vary = "Accept-Encoding";
        headers.XContentTypeOptions = EveryAnswer.NoSniff;
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        if (EntityTags.Have(context.Request.Headers.IfNoneMatch, file.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        bool compressed = AcceptsBrotli(context.Request.Headers.AcceptEncoding);
        ReadOnlyMemory<byte> body = compressed ? file.Brotli : file.Plain;
        if (compressed)
            headers.ContentEncoding = "br";
        response.ContentType = file.ContentType;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    // Browsers list br without a weight; a caller that sends a weight gets the plain file.
    private static bool AcceptsBrotli(StringValues accepted)
    {
        foreach (string? line in accepted)
        {
            foreach (Range part in line.AsSpan().Split(','))
                if (line.AsSpan(part).Trim().Equals("br", StringComparison.OrdinalIgnoreCase))
                    return true;
        }

        return false;
    }
}
