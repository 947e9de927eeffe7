using Grid.Codes;

namespace Grid.Scans;

/// <summary>One recorded scan: every repeat of the scan id returns it.</summary>
/// <param name="ScanId">The scanner's id of the scan, 1 to 64 characters: the idempotency key.</param>
/// <param name="VenueId">The venue.</param>
/// <param name="Device">The subject of the device's token, or <c>self</c> for a check-in by the phone.</param>
/// <param name="Resident">The resident; empty if the code named none.</param>
/// <param name="Content">
/// A digest of the request (venue and displayed code): the same id with another digest is a conflict.
/// </param>
/// <param name="Reasons">Why the person was not admitted; none when admitted.</param>
/// <param name="Colour">The colour at the scan.</param>
/// <param name="Test">The test at the scan.</param>
/// <param name="Name">The masked name; empty if the code named no resident.</param>
/// <param name="RecordedAt">When the scan was decided.</param>
[GenerateSerializer, Immutable]
public sealed record Visit(
    [property: Id(0)] string ScanId,
    [property: Id(1)] string VenueId,
    [property: Id(2)] string Device,
    [property: Id(3)] Guid Resident,
    [property: Id(4)] ulong Content,
    [property: Id(5)] RefusalReasons Reasons,
    [property: Id(6)] CodeColour Colour,
    [property: Id(7)] TestView Test,
    [property: Id(8)] string Name,
    [property: Id(9)] DateTimeOffset RecordedAt
);
