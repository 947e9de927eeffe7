namespace Grid.Gateway.Requests;

/// <summary>
/// What holds for every call: a HEAD is answered as a GET without the body, no answer is taken for another type than it
/// has, and none is kept by a cache unless its call says so.
/// </summary>
internal sealed class EveryAnswer(RequestDelegate next)
{
    internal const string NoSniff = "nosniff";

    public Task InvokeAsync(HttpContext context)
    {
        // The server remembers what was asked, and sends no body.
        if (HttpMethods.IsHead(context.Request.Method))
            context.Request.Method = HttpMethods.Get;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.CacheControl = "no-store";
        return next(context);
    }
}
