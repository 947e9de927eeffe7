using Grid.Silo.Telemetry;

namespace Grid.Silo.Hosting;

/// <summary>What a silo that stands alone says to machines.</summary>
public static class SiloEndpoints
{
    /// <summary>The query of <c>/readyz</c> that asks for a line a tier.</summary>
    public const string Verbose = "verbose";

    /// <summary>
    /// Maps <c>/livez</c> (200 while the process runs; asks nothing of others) and <c>/readyz</c> (200 while the
    /// process should be sent requests, else 503 and the tier that is not ready; <c>?verbose</c> says a line for each) and <c>/metrics</c>.
    /// </summary>
    public static void MapSiloHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/livez", static () => TypedResults.Text("live"));
        routes.MapGet("/metrics", static (MetricsPage page, HttpContext context) => page.AnswerAsync(context));
        routes.MapGet("/readyz", static (Readiness readiness, HttpRequest request) => TypedResults.Text(
            request.Query.ContainsKey(Verbose) ? readiness.Describe() : readiness.Missing() ?? "ready",
            statusCode: readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable));
    }
}
