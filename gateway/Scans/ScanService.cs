using Grid.Codes;
using Grid.Gateway.Calls;
using Grid.Gateway.Residents;
using Grid.Gateway.Tokens;
using Grid.Gateway.Venues;
using Grid.Residents;
using Grid.Scans;
using Grid.Venues;

namespace Grid.Gateway.Scans;

/// <summary>
/// Decides a scan by the resident's code and the venue's policy, and records one row per scan id before the answer.
/// Single scans, batches and check-ins all run through it.
/// </summary>
/// <param name="grains">The grain factory.</param>
/// <param name="residents">Reads residents.</param>
/// <param name="venues">Finds venues.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The store's visit log; null in a process without a store.</param>
internal sealed class ScanService(
    IGrainFactory grains,
    ResidentReader residents,
    VenueBook venues,
    TimeProvider time,
    IVisitLog? log = null
)
{
    // A stateless worker: the key has no meaning.
    private const long AnyWorker = 0;

    /// <summary>The venue; null when it is not registered.</summary>
    internal ValueTask<Venue?> VenueAsync(string venueId) => venues.FindAsync(venueId);

    /// <summary>Decides and records one scan; completes after the commit.</summary>
    internal ValueTask<VisitReceipt> ScanAsync(ScanRequest scan, Venue venue, string device)
    {
        if (scan.Token != DisplayTokenCheck.Valid)
            return AppendAsync(Unread(scan, device));
        // Without a local store, the silo that hosts the resident decides and records: one call.
        return log is null
            ? residents.Grain(scan.Resident).Scan(Command(scan, venue, device))
            : ScanHereAsync(scan, venue, device);
    }

    /// <summary>Decides and records many scans of one venue; the receipts keep the order of the scans.</summary>
    internal async Task<VisitReceipt[]> ScanManyAsync(IReadOnlyList<ScanRequest> scans, Venue venue, string device)
    {
        var decisions = new Task<Visit>?[scans.Count];
        var visits = new Visit[scans.Count];
        for (var i = 0; i < visits.Length; i++)
        {
            // Start all reads first: they run concurrently.
            var decision = DecideAsync(scans[i], venue, device);
            if (decision.IsCompletedSuccessfully)
                visits[i] = decision.Result;
            else
                decisions[i] = decision.AsTask();
        }

        for (var i = 0; i < visits.Length; i++)
        {
            if (decisions[i] is { } decision)
                visits[i] = await decision;
        }

        return log is null
            ? await grains.GetGrain<IVisitsGrain>(AnyWorker).AppendMany(visits)
            : await RequestDeadline.Bound(log.AppendManyAsync(visits));
    }

    private async ValueTask<VisitReceipt> ScanHereAsync(ScanRequest scan, Venue venue, string device) =>
        await RequestDeadline.Bound(log!.AppendAsync(await DecideAsync(scan, venue, device)));

    private async ValueTask<Visit> DecideAsync(ScanRequest scan, Venue venue, string device) =>
        scan.Token == DisplayTokenCheck.Valid
            ? Command(scan, venue, device).Decide(scan.Resident, await residents.ShowAsync(scan.Resident))
            : Unread(scan, device);

    private ValueTask<VisitReceipt> AppendAsync(Visit visit) =>
        log is null
            ? grains.GetGrain<IVisitsGrain>(AnyWorker).Append(visit)
            : RequestDeadline.Bound(log.AppendAsync(visit));

    private static ScanCommand Command(in ScanRequest scan, Venue venue, string device) =>
        new(scan.Key, scan.VenueId, device, scan.Content, venue.Policy);

    // The code names no resident: it has expired or is not a code of this grid.
    private Visit Unread(in ScanRequest scan, string device) =>
        new(
            scan.Key,
            scan.VenueId,
            device,
            Guid.Empty,
            scan.Content,
            scan.Token == DisplayTokenCheck.Expired ? RefusalReasons.TokenExpired : RefusalReasons.TokenInvalid,
            CodeColour.Grey,
            default,
            "",
            time.GetUtcNow()
        );
}
