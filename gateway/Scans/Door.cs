using Grid.Codes;
using Grid.Gateway.Tokens;
using Grid.Gateway.Venues;
using Grid.Residents;
using Grid.Scans;
using Grid.Venues;

namespace Grid.Gateway.Scans;

/// <summary>Decides at a door: the resident's code against the venue's policy, as a visit to be recorded.</summary>
internal sealed class Door(IGrainFactory grains, VenueBook venues, TimeProvider time)
{
    /// <summary>The venue, or null when there is none.</summary>
    internal ValueTask<Venue?> VenueAsync(string venueId) => venues.FindAsync(venueId);

    /// <summary>The visit as it is to be recorded.</summary>
    internal ValueTask<Visit> DecideAsync(in ScanRequest scan, Venue venue, string device)
    {
        if (scan.Token != DisplayTokenCheck.Valid)
            return new(Unread(scan, device));
        var show = grains.GetGrain<IResidentGrain>(scan.Resident).Show();
        return show.IsCompletedSuccessfully
            ? new(Decided(scan, venue, device, show.Result))
            : DecideLater(show, scan, venue, device);
    }

    private static async ValueTask<Visit> DecideLater(ValueTask<CodeView> show, ScanRequest scan, Venue venue, string device)
        => Decided(scan, venue, device, await show);

    private static Visit Decided(in ScanRequest scan, Venue venue, string device, in CodeView view) => new(
        scan.ScanId, scan.VenueId, device, scan.Resident, scan.Content,
        Admission.Decide(view, venue.Policy), view.Colour, view.Test, view.Name, view.AsOf);

    /// <summary>The code names nobody: it is over, or it is none.</summary>
    private Visit Unread(in ScanRequest scan, string device) => new(
        scan.ScanId, scan.VenueId, device, Guid.Empty, scan.Content,
        scan.Token == DisplayTokenCheck.Expired ? RefusalReasons.TokenExpired : RefusalReasons.TokenInvalid,
        CodeColour.Grey, default, "", time.GetUtcNow());
}
