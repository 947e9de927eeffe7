using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Hosting.Health;

namespace Grid.Gateway.Health;

/// <summary>Liveness and readiness of the process.</summary>
internal static class HealthEndpoints
{
    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/livez", Live)
            .AllowEveryone()
            .WithTags("Machines")
            .WithSummary("200 while the process runs; checks no other process.");
        routes
            .MapGet("/readyz", Ready)
            .AllowEveryone()
            .WithTags("Machines")
            .WithSummary(
                "200 while the process is ready for requests, else 503 and the tier that is not ready; "
                    + "?verbose adds a line per tier."
            );
    }

    private static IResult Live() => TypedResults.Text("live");

    private static IResult Ready(Readiness readiness, HttpRequest request)
    {
        if (!readiness.IsReady)
            return new Refusal(ErrorCodes.Overloaded, $"Not ready: {readiness.Missing()}.");
        return TypedResults.Text(request.Query.ContainsKey(Readiness.Verbose) ? readiness.Describe() : "ready");
    }
}
