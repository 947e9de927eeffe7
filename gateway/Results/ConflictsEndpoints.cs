using Grid.Gateway.Access;
using Grid.Gateway.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Requests;
using Grid.Gateway.Tokens;
using Grid.Results;
using Grid.Sampling;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Results;

/// <summary>A result as an operator sees it.</summary>
public sealed record ConflictResult(
    string LabId,
    int Sequence,
    string Method,
    string Result,
    DateTimeOffset TestedAt,
    int? CorrectionOf,
    DateTimeOffset ReceivedAt,
    string ReportedBy
);

/// <summary>An operator's decision.</summary>
public sealed record ConflictDecisionShape(string Keep, string Reason, string By, DateTimeOffset At);

/// <summary>
/// Two results that cannot both be right: <c>key</c>, two contents under one tube and sequence; <c>laboratory</c>, two
/// laboratories for one tube; <c>time</c>, a held result that was tested before the samples were taken.
/// </summary>
public sealed record ConflictAnswer(
    string ConflictId,
    string Kind,
    string TubeId,
    DateTimeOffset OpenedAt,
    ConflictResult? First,
    ConflictResult Second,
    ConflictDecisionShape? Decision
);

/// <summary>Open conflicts, oldest first.</summary>
/// <param name="Conflicts">Up to <c>limit</c> conflicts.</param>
/// <param name="Open">The number of open conflicts.</param>
public sealed record ConflictsAnswer(IReadOnlyList<ConflictAnswer> Conflicts, int Open);

/// <summary>The result to keep, and the reason.</summary>
public sealed record ResolveRequest(string? Keep, string? Reason);

/// <summary>Results that contradict each other wait here for an operator's decision.</summary>
internal static class ConflictsEndpoints
{
    private const int MaxReasonLength = 200;
    private const int MaxLimit = 500;
    private const int LimitDefault = 100;
    private const int KeyLength = 32;

    // The entry is written before its conflict, so the conflict of a recent entry may not exist yet.
    private static readonly TimeSpan EntryAge = TimeSpan.FromMinutes(10);

    internal static void MapConflicts(this IEndpointRouteBuilder routes)
    {
        var conflicts = routes.MapGroup("/v1/conflicts").WithTags("Results");
        conflicts
            .MapGet("/", ListAsync)
            .Allow(Roles.Operator)
            .WithSummary("Results that contradict each other and wait for a decision, oldest first.");
        conflicts
            .MapPost("/{conflictId}/resolve", ResolveAsync)
            .Allow(Roles.Operator)
            .WithSummary("Keep the first or the second of two results, with a reason.");
    }

    private static async Task<Results<Ok<ConflictsAnswer>, Refusal>> ListAsync(
        int? limit,
        IGrainFactory grains,
        TimeProvider time
    )
    {
        var count = Fields.Number(limit ?? LimitDefault, "limit", 1, MaxLimit);
        var shares = await Task.WhenAll(
            ConflictShards.Keys.Select(key => grains.GetGrain<IConflictIndexGrain>(key).Entries().AsTask())
        );
        var entries = shares
            .SelectMany(share => share)
            .OrderBy(entry => entry.OpenedAt)
            .ThenBy(entry => entry.ConflictId)
            .ToArray();
        var found = await Task.WhenAll(entries.Take(count).Select(entry => FindAsync(entry, grains, time)));
        var open = found.OfType<ConflictAnswer>().ToArray();
        return TypedResults.Ok(new ConflictsAnswer(open, entries.Length - (found.Length - open.Length)));
    }

    private static async Task<Results<Ok<ConflictAnswer>, Refusal>> ResolveAsync(
        string conflictId,
        ResolveRequest request,
        CheckedCaller caller,
        IGrainFactory grains
    )
    {
        var keep = request.Keep switch
        {
            "first" => Keep.First,
            "second" => Keep.Second,
            null or "" => throw Fields.Missing("keep"),
            _ => throw Fields.Invalid("keep", "must be first or second"),
        };
        var reason = Fields.Text(request.Reason, "reason", MaxReasonLength);
        if (!TryRead(conflictId, out var key, out var tubeId))
            return new Refusal(ErrorCodes.ConflictUnknown);
        var decision = new ConflictDecision(keep, reason, caller.Subject, default);
        var answer = await grains.GetGrain<ITubeGrain>(tubeId).Resolve(key, decision);
        return answer.Status switch
        {
            ConflictStatus.Done or ConflictStatus.Replayed => TypedResults.Ok(Shape(tubeId, answer.Conflict!)),
            ConflictStatus.Decided => new Refusal(ErrorCodes.ConflictDecided),
            _ => new Refusal(ErrorCodes.ConflictUnknown),
        };
    }

    /// <summary>Removes an entry that a crash left behind: its conflict was decided or never written.</summary>
    private static async Task<ConflictAnswer?> FindAsync(ConflictEntry entry, IGrainFactory grains, TimeProvider time)
    {
        var conflict = await grains.GetGrain<ITubeGrain>(entry.TubeId).Conflict(entry.ConflictId);
        if (conflict is { IsOpen: true })
            return Shape(entry.TubeId, conflict);
        if (time.GetUtcNow() - entry.OpenedAt > EntryAge)
            await grains.GetGrain<IConflictIndexGrain>(ConflictShards.KeyOf(entry.ConflictId)).Remove(entry.ConflictId);
        return null;
    }

    /// <summary>The id contains the tube id, so that a decided conflict is found without the index.</summary>
    private static string IdOf(Guid key, string tubeId) => $"{key:N}-{tubeId}";

    private static bool TryRead(string conflictId, out Guid key, out string tubeId)
    {
        tubeId = conflictId.Length > KeyLength + 1 && conflictId[KeyLength] == '-' ? conflictId[(KeyLength + 1)..] : "";
        key = default;
        return Fields.IsId(tubeId) && Guid.TryParseExact(conflictId.AsSpan(0, KeyLength), "N", out key);
    }

    private static ConflictAnswer Shape(string tubeId, TubeConflict conflict) =>
        new(
            IdOf(conflict.ConflictId, tubeId),
            conflict.Kind switch
            {
                ConflictKind.Key => "key",
                ConflictKind.Laboratory => "laboratory",
                _ => "time",
            },
            tubeId,
            conflict.OpenedAt,
            conflict.First is { } first ? Shape(first) : null,
            Shape(conflict.Second),
            conflict.Decision is { } decision
                ? new ConflictDecisionShape(
                    decision.Keep == Keep.First ? "first" : "second",
                    decision.Reason,
                    decision.By,
                    decision.At
                )
                : null
        );

    private static ConflictResult Shape(ReceivedResult received) =>
        new(
            received.Report.LabId,
            received.Report.Sequence,
            received.Report.Method,
            CodeNames.Of(received.Report.Result),
            received.Report.TestedAt,
            received.Report.CorrectionOf,
            received.ReceivedAt,
            received.By
        );
}
