using Grid.Silo.Telemetry;

namespace Grid.Silo.Hosting;

/// <summary>What a silo that stands alone says to machines.</summary>
public static class SiloEndpoints
{
    /// <summary>
    /// Maps <c>/livez</c> (200 while the process runs; asks nothing of others) and <c>/readyz</c> (200 between start and
    /// shutdown, else 503) and <c>/metrics</c>.
    /// </summary>
    public static void MapSiloHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/livez", static () => TypedResults.Text("live"));
        routes.MapGet("/metrics", static (MetricsPage page, HttpContext context) => page.AnswerAsync(context));
        routes.MapGet("/readyz", static (IHostApplicationLifetime lifetime) =>
            lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested
                ? (IResult)TypedResults.Text("ready")
                : TypedResults.Text("starts or stops", statusCode: StatusCodes.Status503ServiceUnavailable));
    }
}
