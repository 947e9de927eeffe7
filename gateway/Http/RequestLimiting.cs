using Grid.Gateway.Hosting;

namespace Grid.Gateway.Http;

/// <summary>A request is answered within the time-out of one call, however many it makes; each line of a stream is.</summary>
internal sealed class RequestLimiting(RequestDelegate next, RequestLimits limits)
{
    public Task InvokeAsync(HttpContext context) => RouteLimits.IsStreamed(context) ? next(context) : LimitedAsync(context);

    // Its own method, so that the limit ends with this request and not with the connection.
    private async Task LimitedAsync(HttpContext context)
    {
        using var limit = limits.Begin();
        await next(context);
    }
}
