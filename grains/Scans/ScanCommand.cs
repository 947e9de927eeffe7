using Grid.Codes;
using Grid.Venues;

namespace Grid.Scans;

/// <summary>A scan whose code the gateway has checked, for the silo that has the resident.</summary>
/// <param name="ScanId">The idempotency key, 1 to 64 characters.</param>
/// <param name="VenueId">The venue.</param>
/// <param name="Device">The subject of the device's token, or <c>self</c> for a check-in by the phone.</param>
/// <param name="Content">A digest of the request: the same id with another digest is a conflict.</param>
/// <param name="Policy">The venue's policy.</param>
[GenerateSerializer, Immutable]
public readonly record struct ScanCommand(
    [property: Id(0)] string ScanId,
    [property: Id(1)] string VenueId,
    [property: Id(2)] string Device,
    [property: Id(3)] ulong Content,
    [property: Id(4)] VenuePolicy Policy
)
{
    /// <summary>Decides the scan and makes the visit that records it.</summary>
    public Visit Decide(Guid resident, in CodeView view) =>
        new(
            ScanId,
            VenueId,
            Device,
            resident,
            Content,
            Admission.Decide(view, Policy),
            view.Colour,
            view.Test,
            view.Name,
            view.AsOf
        );
}
