using Grid.Gateway.Access;

namespace Grid.Gateway.Metrics;

/// <summary><c>/metrics</c> for Prometheus.</summary>
internal static class MetricsEndpoints
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    internal static void MapMetrics(this IEndpointRouteBuilder routes)
        => routes.MapGet("/metrics", Metrics).AllowEveryone().WithTags("Machines").WithSummary("Prometheus text.");

    private static IResult Metrics(PrometheusText text) => TypedResults.Text(text.Write(), ContentType);
}
