using Grid.Codes;

namespace Grid.Scans;

/// <summary>Why a person was not admitted. The numbers are stored: they never change.</summary>
[Flags]
public enum RefusalReasons : byte
{
    /// <summary>Admitted.</summary>
    None = 0,

    /// <summary>The venue does not admit this colour.</summary>
    Colour = 1,

    /// <summary>The newest negative test is older than the venue allows.</summary>
    TestTooOld = 2,

    /// <summary>No negative test is known.</summary>
    TestMissing = 4,

    /// <summary>Fewer doses than the venue asks for.</summary>
    Doses = 8,

    /// <summary>The displayed code has expired.</summary>
    TokenExpired = 16,

    /// <summary>What was shown is no code of this grid.</summary>
    TokenInvalid = 32,
}

/// <summary>One scan as it is recorded: the outcome that every repeat of the scan id returns.</summary>
/// <param name="ScanId">The scanner's id of the scan, 1 to 64 characters: the idempotency key.</param>
/// <param name="VenueId">Where.</param>
/// <param name="Device">The subject of the device's token, or <c>self</c> for a check-in by the resident's phone.</param>
/// <param name="Resident">Who; empty when the code named nobody.</param>
/// <param name="Content">A digest of what was asked (venue and shown code): another one under the same id is a conflict.</param>
/// <param name="Reasons">Why not admitted; none when admitted.</param>
/// <param name="Colour">The colour at that moment.</param>
/// <param name="Test">The test at that moment.</param>
/// <param name="Name">The masked name that was shown; empty when nobody was named.</param>
/// <param name="RecordedAt">When.</param>
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
    [property: Id(9)] DateTimeOffset RecordedAt);

/// <summary>What became of a visit.</summary>
public enum VisitStatus : byte
{
    /// <summary>Recorded now.</summary>
    Recorded = 1,

    /// <summary>The same scan again: the first outcome.</summary>
    Replayed = 2,

    /// <summary>Another content under the same scan id: nothing was written.</summary>
    Conflict = 3,
}

/// <summary>What became of a visit, and the row that stands.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Visit">The row as first recorded.</param>
[GenerateSerializer, Immutable]
public readonly record struct VisitReceipt(
    [property: Id(0)] VisitStatus Status,
    [property: Id(1)] Visit Visit);

/// <summary>The rows of visits: append-only, by day, one row a scan id. A part of the store, not of a grain's state.</summary>
public interface IVisitLog
{
    /// <summary>Writes a visit, or finds the one of that id. Completes after the commit.</summary>
    ValueTask<VisitReceipt> AppendAsync(Visit visit, CancellationToken cancellation = default);

    /// <summary>The same for many, each on its own; the answers are in order.</summary>
    ValueTask<VisitReceipt[]> AppendManyAsync(Visit[] visits, CancellationToken cancellation = default);
}

/// <summary>How visits are cut: a scan id belongs to one of 64 shards, and a shard to one of the 1,024 partitions.</summary>
public static class VisitShards
{
    /// <summary>Shards of the visits: few enough that a batch groups well, enough to spread over silos.</summary>
    public const int Count = 64;

    /// <summary>Visits in one call at the most.</summary>
    public const int BatchMax = 500;

    private const int PartitionsPerShard = Partitions.Count / Count;

    /// <summary>The partition that owns the scan id's shard.</summary>
    public static int PartitionOf(string scanId) =>
        Partitions.Of(scanId) / PartitionsPerShard * PartitionsPerShard;
}
