namespace Grid.Scans;

/// <summary>The outcome of an append.</summary>
public enum VisitStatus : byte
{
    /// <summary>The visit was recorded now.</summary>
    Recorded = 1,

    /// <summary>The same scan was recorded before.</summary>
    Replayed = 2,

    /// <summary>The scan id has another content; nothing was written.</summary>
    Conflict = 3,
}

/// <summary>The answer to an append.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Visit">The row as first recorded.</param>
[GenerateSerializer, Immutable]
public readonly record struct VisitReceipt([property: Id(0)] VisitStatus Status, [property: Id(1)] Visit Visit);
