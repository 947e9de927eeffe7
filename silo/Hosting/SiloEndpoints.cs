using Grid.Silo.Telemetry;

namespace Grid.Silo.Hosting;

/// <summary>What a silo that stands alone says to machines.</summary>
public static class SiloEndpoints
{
    /// <summary>
    /// Maps <c>/livez</c> (200 while the process runs; asks nothing of others) and <c>/readyz</c> (200 between start and
    /// shutdown while it has all that it needs, else 503) and <c>/metrics</c>.
    /// </summary>
    public static void MapSiloHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/livez", static () => TypedResults.Text("live"));
        routes.MapGet("/metrics", static (MetricsPage page, HttpContext context) => page.AnswerAsync(context));
        routes.MapGet("/readyz", static (IHostApplicationLifetime lifetime, IEnumerable<IReadiness> needs) =>
            MissingOf(lifetime, needs) is { } missing
                ? (IResult)TypedResults.Text(missing, statusCode: StatusCodes.Status503ServiceUnavailable)
                : TypedResults.Text("ready"));
    }

    /// <summary>Why a process should not be sent requests; null when it should.</summary>
    public static string? MissingOf(IHostApplicationLifetime lifetime, IEnumerable<IReadiness> needs) =>
        lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested
            ? needs.Select(static need => need.Missing).FirstOrDefault(static missing => missing is not null)
            : "starts or stops";
}
