using Microsoft.AspNetCore.Http.Features;

namespace Grid.Hosting.Telemetry;

/// <summary><c>/metrics</c> for Prometheus.</summary>
public static class MetricsEndpoint
{
    /// <summary>
    /// Maps <c>/metrics</c>: Prometheus text, or OpenMetrics with exemplars when the caller accepts it. Open to every
    /// caller; an answer is at most <see cref="GridTelemetry.ScrapeCacheMs"/> old and shared by concurrent scrapes.
    /// </summary>
    public static IEndpointConventionBuilder MapGridMetrics(this IEndpointRouteBuilder routes) =>
        routes
            .MapPrometheusScrapingEndpoint(
                "/metrics",
                meterProvider: null,
                static pipeline => pipeline.Use(static next => context => CopyAsync(context, next)),
                optionsName: null
            )
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));

    /// <summary>
    /// Sends a copy of the page. The exporter writes the next page only after all readers have released this one, so a
    /// client that stops reading would block every other scrape.
    /// </summary>
    private static async Task CopyAsync(HttpContext context, RequestDelegate next)
    {
        var sent = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var page = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(page, sent));
        try
        {
            await next(context);
        }
        finally
        {
            context.Features.Set(sent);
        }
        context.Response.ContentLength = page.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(
                page.GetBuffer().AsMemory(0, (int)page.Length),
                context.RequestAborted
            );
    }
}
