using Grid.Hosting.Health;
using Grid.Hosting.Telemetry;

namespace Grid.Silo.Health;

/// <summary>The HTTP endpoints of a silo that runs without a gateway: for probes and Prometheus.</summary>
public static class SiloEndpoints
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps <c>/livez</c> (200 while the process runs; asks nothing of others), <c>/readyz</c> (200 while the process
    /// should be sent requests, else 503 and the tier that is not ready; <c>?verbose</c> has a line for each) and
    /// <c>/metrics</c>.
    /// </summary>
    public static void MapSiloHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/livez", Methods, static () => TypedResults.Text("live"));
        routes.MapMethods("/readyz", Methods, static (Readiness readiness, HttpRequest request) =>
            TypedResults.Text(
                request.Query.ContainsKey(Readiness.Verbose) ? readiness.Describe() : readiness.Missing() ?? "ready",
                statusCode: readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
            )
        );
        routes.MapGridMetrics();
    }
}
