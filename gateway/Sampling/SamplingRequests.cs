namespace Grid.Gateway.Sampling;

/// <summary>A tube as a sampler registers it. Capacity is 1, 5, 10 or 20.</summary>
public sealed record TubeRequest(string? TubeId, int? Capacity, string? SiteId);

/// <summary>A registered tube.</summary>
public sealed record TubeAnswerShape(string TubeId, int Capacity, string SiteId, string State);

/// <summary>A sample: whose, by exactly one of the three, and when it was taken.</summary>
public sealed record SampleRequest(string? Token, Guid? ResidentId, string? IdNumber, DateTimeOffset? CollectedAt)
{
    /// <summary>Says nothing of the person.</summary>
    public override string ToString() => nameof(SampleRequest);
}

/// <summary>How full the tube is.</summary>
public sealed record CountAnswer(int Count, int Capacity);

/// <summary>Why a sample is taken out again.</summary>
public sealed record WithdrawRequest(string? Reason);

/// <summary>How far a tube has come; no names.</summary>
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
