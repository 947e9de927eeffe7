namespace Grid.Gateway.Sampling;

/// <summary>A tube as a sampler registers it. Capacity is 1, 5, 10 or 20.</summary>
public sealed record TubeRequest(string? TubeId, int? Capacity, string? SiteId);

/// <summary>A registered tube.</summary>
public sealed record TubeAnswerShape(string TubeId, int Capacity, string SiteId, string State);

/// <summary>A sample: its resident, by exactly one of the three fields, and the time it was taken.</summary>
public sealed record SampleRequest(string? Token, Guid? ResidentId, string? IdNumber, DateTimeOffset? CollectedAt)
{
    /// <summary>Hides the person from logs.</summary>
    public override string ToString() => nameof(SampleRequest);
}

/// <summary>The number of samples in a tube, and its capacity.</summary>
public sealed record CountAnswer(int Count, int Capacity);

/// <summary>The reason for removing a sample.</summary>
public sealed record WithdrawRequest(string? Reason);

/// <summary>The progress of a tube; no names.</summary>
public sealed record TubeStateAnswer(
    string TubeId,
    string State,
    int Count,
    int Capacity,
    string? SiteId,
    string? Result,
    DateTimeOffset? TestedAt
);

/// <summary>A whole tube collected offline. It is sealed unless <c>sealed</c> is false.</summary>
public sealed record WholeTubeRequest(
    string? TubeId,
    int? Capacity,
    string? SiteId,
    SampleRequest[]? Samples,
    bool? Sealed
);
