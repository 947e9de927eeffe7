using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Silo.Hosting;

namespace Grid.Gateway.Health;

/// <summary>Whether the process lives, and whether it should be sent requests.</summary>
internal static class HealthEndpoints
{
    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/livez", Live).AllowEveryone().WithTags("Machines").WithSummary("200 while the process runs; asks nothing of others.");
        routes.MapGet("/readyz", Ready).AllowEveryone().WithTags("Machines").WithSummary("200 between start and shutdown while all parts of the grid can be reached, else 503.");
    }

    private static IResult Live() => TypedResults.Text("live");

    private static IResult Ready(IHostApplicationLifetime lifetime, IEnumerable<IReadiness> needs)
        => SiloEndpoints.MissingOf(lifetime, needs) is { } missing
            ? new Refusal(ErrorCodes.Overloaded, $"Not ready: {missing}.")
            : TypedResults.Text("ready");
}
