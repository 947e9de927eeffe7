namespace Grid.Results;

/// <summary>A report with its receipt, as the tube's state stores it.</summary>
/// <param name="Report">The report.</param>
/// <param name="ReceiptId">The same tube and sequence always make the same id.</param>
/// <param name="ReceivedAt">When the tube received it.</param>
/// <param name="Held">True when it arrived before its tube.</param>
/// <param name="By">The subject that reported it: <c>lab</c> or <c>lab/person</c>.</param>
[GenerateSerializer, Alias("grid.received-result"), Immutable]
public sealed record ReceivedResult(
    [property: Id(0)] ResultReport Report,
    [property: Id(1)] Guid ReceiptId,
    [property: Id(2)] DateTimeOffset ReceivedAt,
    [property: Id(3)] bool Held,
    [property: Id(4)] string By
)
{
    /// <summary>
    /// When it was tested, at the latest when it was received: a laboratory's clock may be ahead, and no effect of the
    /// result may wait for that. We store both times, so a repeat and a late result give the same answer.
    /// </summary>
    public DateTimeOffset TestedAt => Moment.Earlier(Report.TestedAt, ReceivedAt);
}
