using Grid.Gateway.Access;
using Grid.Silo.Telemetry;

namespace Grid.Gateway.Metrics;

/// <summary><c>/metrics</c> for Prometheus.</summary>
internal static class MetricsEndpoints
{
    internal static void MapMetrics(this IEndpointRouteBuilder routes)
        => routes.MapGet("/metrics", Metrics).AllowEveryone().WithTags("Machines").WithSummary("Prometheus text, or OpenMetrics for who accepts it.");

    private static Task<IResult> Metrics(MetricsPage page, HttpContext context) => page.AnswerAsync(context);
}
