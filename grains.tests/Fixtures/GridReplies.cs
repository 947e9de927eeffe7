namespace Grid.Tests.Fixtures;

// Response bodies, declared apart from the product's types: renaming a member there must fail a test here.

internal sealed record RegisteredReply(Guid ResidentId);

internal sealed record DisplayReply(
    Guid ResidentId,
    string? Name,
    string Colour,
    DateTimeOffset AsOf,
    DateTimeOffset ValidUntil,
    int RefreshAfterSeconds,
    string? Token,
    TestReply Test,
    VaccinationReply Vaccination,
    CauseReply[] Causes
);

internal sealed record TestReply(string? Result, DateTimeOffset? CollectedAt, int? AgeHours, string State);

internal sealed record VaccinationReply(int Doses, DateTimeOffset? LastAt);

internal sealed record CauseReply(
    Guid CauseId,
    string Kind,
    string Colour,
    string Issuer,
    string? Ground,
    DateTimeOffset Since,
    DateTimeOffset? Until,
    ReleaseReply Release,
    ContestReply Contest
);

internal sealed record ReleaseReply(string How, DateTimeOffset? ExpectedBy);

internal sealed record ContestReply(string How, bool Appealable);

internal sealed record HistoryReply(
    HistoryTestReply[] Results,
    HistoryDoseReply[] Vaccinations,
    CauseReply[] Causes,
    LookupReply[] Lookups
);

internal sealed record HistoryTestReply(string? Result, DateTimeOffset CollectedAt, DateTimeOffset? TestedAt);

internal sealed record HistoryDoseReply(string Product, int Dose, DateTimeOffset At);

internal sealed record LookupReply(DateTimeOffset At, string By, string Reason);

internal sealed record ScanReply(
    string ScanId,
    bool Admit,
    string Colour,
    string[] Reasons,
    TestReply? Test,
    string? Name,
    DateTimeOffset RecordedAt
);

/// <summary>One entry of a batch response: an outcome or an error code.</summary>
internal sealed record ScanEntryReply(string? ScanId, bool? Admit = null, string? Code = null);

internal sealed record OpenedReply(string TubeId, int Capacity, string SiteId, string State);

internal sealed record CountReply(int Count, int Capacity);

internal sealed record TubeReply(
    string TubeId,
    string State,
    int Count,
    int Capacity,
    string? SiteId,
    string? Result,
    DateTimeOffset? TestedAt
);

internal sealed record ReceiptReply(Guid ReceiptId, string State);

internal sealed record ConflictsReply(ConflictReply[] Conflicts, int Open);

internal sealed record ConflictReply(
    string ConflictId,
    string Kind,
    string TubeId,
    ConflictingResultReply? First,
    ConflictingResultReply Second,
    DecisionReply? Decision = null
);

internal sealed record ConflictingResultReply(string LabId, int Sequence, string Result, string ReportedBy);

internal sealed record DecisionReply(string Keep, string Reason, string By);

internal sealed record ImportReply(
    int Accepted,
    int Duplicates,
    int Conflicts,
    int Rejected,
    LineErrorReply[] Errors,
    Guid? ImportId,
    int? Kept = null,
    int? Next = null
)
{
    internal (int Accepted, int Duplicates, int Conflicts, int Rejected) Counts =>
        (Accepted, Duplicates, Conflicts, Rejected);

    internal IEnumerable<(int Line, string Code)> Codes => Errors.Select(static error => (error.Line, error.Code));
}

internal sealed record LineErrorReply(int Line, string Code, string Detail);

internal sealed record RegistrationReply(Guid RegistrationId);

internal sealed record ConfirmedReply(Guid ResidentId, string Token, DateTimeOffset ExpiresAt);

internal sealed record ChangedReply(Guid ResidentId, string[] Changed);

internal sealed record ChallengeReply(string ChallengeId);

internal sealed record TokenReply(string Token, DateTimeOffset ExpiresAt);

internal sealed record ClientReply(string ClientId, string Role, string Subject, string ClientSecret);

/// <summary>A problem (RFC 9457) with the stable code.</summary>
internal sealed record ProblemReply(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Code,
    string TraceId,
    Guid? ResidentId = null,
    string[]? Differs = null
);
