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

/// <summary>A resident's phone reads a venue's code.</summary>
public sealed record CheckInRequest(string? CheckInId, string? VenueCode);

/// <summary>Scans of devices, one and many, and check-ins of phones.</summary>
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
            .WithSummary("Up to 500 scans; the outcomes in order, each on its own.");
        routes
            .MapPost("/v1/check-ins", CheckInAsync)
            .Allow(Roles.Resident)
            .WithTags("Scans")
            .Produces<ScanOutcomeShape>()
            .WithSummary("Check in at a venue whose code the phone has read.");
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
        // Phones choose these ids: each resident has a space of their own, apart from that of the scanners.
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
