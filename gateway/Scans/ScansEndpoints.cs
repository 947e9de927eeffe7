using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Requests;
using Grid.Gateway.Residents;
using Grid.Gateway.Tokens;
using Grid.Gateway.Venues;
using Grid.Scans;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Scans;

/// <summary>A check-in: the resident's phone has read a venue's code.</summary>
public sealed record CheckInRequest(string? CheckInId, string? VenueCode);

/// <summary>Scans by devices, single and batched, and check-ins by phones.</summary>
internal static class ScansEndpoints
{
    internal const string ScanPath = "/v1/scans";

    private const string Self = "self";

    internal static IServiceCollection AddScans(this IServiceCollection services)
    {
        services.AddSingleton<SharedIds>();
        services.AddSingleton<ScanReader>();
        services.AddSingleton(static provider => new ScanService(
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<ResidentReader>(),
            provider.GetRequiredService<VenueBook>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<IVisitLog>()
        ));
        services.AddSingleton<ScanHandler>();
        return services.AddSingleton<ScanBatchHandler>();
    }

    internal static void MapScans(this IEndpointRouteBuilder routes)
    {
        var options = routes.ServiceProvider.GetRequiredService<IOptions<GatewayOptions>>().Value;
        var handler = routes.ServiceProvider.GetRequiredService<ScanHandler>();
        routes
            .MapPost(
                ScanPath,
                (Delegate)((HttpContext context) => handler.HandleAsync(context, context.CheckedCaller()))
            )
            .AllowHot(Roles.Device)
            .WithTags("Scans")
            .Accepts<ScanShape>("application/json")
            .Produces<ScanOutcomeShape>()
            .WithSummary("Scan a code at the device's own venue.");
        routes
            .MapPost("/v1/scans/batch", Batch)
            .Allow(Roles.Device)
            .WithTags("Scans")
            .Batches(options)
            .Accepts<ScanShape[]>("application/json")
            .Produces<ScanOutcomeShape[]>()
            .WithSummary("Up to 500 scans; one outcome for each, in order.");
        routes
            .MapPost("/v1/check-ins", CheckInAsync)
            .Allow(Roles.Resident)
            .WithTags("Scans")
            .Produces<ScanOutcomeShape>()
            .WithSummary("Check in at a venue by the code that the phone has read.");
    }

    private static Task Batch(HttpContext context, ScanBatchHandler handler) =>
        handler.HandleAsync(context, context.CheckedCaller());

    private static async Task CheckInAsync(
        CheckInRequest request,
        HttpContext context,
        CheckedCaller caller,
        ScanService scans,
        ScanHandler handler
    )
    {
        var checkInId = Fields.Id(request.CheckInId, "checkInId");
        var venueId = Fields.Id(request.VenueCode, "venueCode");
        var venue = await scans.VenueAsync(venueId) ?? throw new RefusedException(ErrorCodes.VenueUnknown);
        // Phones choose these ids, so each resident has a namespace of its own, apart from the scanners'.
        var scanId = $"ci-{StableId.Of($"{caller.ResidentId:N}|{checkInId}"):N}";
        var scan = new ScanRequest(
            checkInId,
            scanId,
            venueId,
            DisplayTokenCheck.Valid,
            caller.ResidentId,
            ScanReader.Digest(venueId, [])
        );
        await handler.AnswerAsync(context, checkInId, await scans.ScanAsync(scan, venue, Self));
    }
}
