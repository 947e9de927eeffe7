namespace Grid.Gateway.Requests;

/// <summary>
/// Applies to every call: answers HEAD as GET without the body, forbids content sniffing, and forbids caching unless
/// the call allows it.
/// </summary>
internal sealed class EveryAnswer(RequestDelegate next)
{
    internal const string NoSniff = "nosniff";

    public Task InvokeAsync(HttpContext context)
    {
        // The server knows that the request was a HEAD and sends no body.
        if (HttpMethods.IsHead(context.Request.Method))
            context.Request.Method = HttpMethods.Get;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.CacheControl = "no-store";
        return next(context);
    }
}
