using System.Diagnostics;

namespace Grid.Silo.Stores;

/// <summary>
/// The store's spans: how long work waited for its group, and how long the group took. They are created afterwards and
/// only for a traced caller; for others the cost is one comparison.
/// </summary>
internal static class StoreTraces
{
    /// <summary>The source of the store's spans.</summary>
    internal const string SourceName = "Grid.Store";

    private const string WaitName = "store wait";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether spans are collected.</summary>
    internal static bool IsOn => Source.HasListeners();

    /// <summary>The caller's span; null if it is not traced.</summary>
    internal static Activity? Asker =>
        Source.HasListeners() && Activity.Current is { Recorded: true } current ? current : null;

    /// <summary>Records work that was rejected.</summary>
    internal static void Refused(StoreWork work, string place, string code, TimeProvider time)
    {
        if (work.TakeAsker() is { } asker)
            Add(asker, WaitName, place, work.Rows, time.GetUtcNow(), time.GetUtcNow(), code);
    }

    /// <summary>Records work of a completed group.</summary>
    /// <param name="work">The work.</param>
    /// <param name="step">The step of the group, such as <c>store commit</c>.</param>
    /// <param name="place">The file or database.</param>
    /// <param name="groupRows">Rows of the whole group.</param>
    /// <param name="startedAt">When the group started, as a timestamp; 0 if it never started.</param>
    /// <param name="errorCode">The error code; null on success.</param>
    /// <param name="time">The store's clock.</param>
    internal static void Ended(
        StoreWork work,
        string step,
        string place,
        int groupRows,
        long startedAt,
        string? errorCode,
        TimeProvider time
    )
    {
        if (work.TakeAsker() is not { } asker)
            return;
        var (now, at) = (time.GetUtcNow(), time.GetTimestamp());
        var queued = now - time.GetElapsedTime(work.QueuedAt, at);
        if (startedAt == 0)
        {
            Add(asker, WaitName, place, work.Rows, queued, now, errorCode);
            return;
        }
        var taken = now - time.GetElapsedTime(startedAt, at);
        Add(asker, WaitName, place, work.Rows, queued, taken, null);
        Add(asker, step, place, groupRows, taken, now, errorCode);
    }

    private static void Add(
        Activity asker,
        string name,
        string place,
        int rows,
        DateTimeOffset from,
        DateTimeOffset until,
        string? errorCode
    )
    {
        var current = Activity.Current;
        using (var span = Source.StartActivity(name, ActivityKind.Client, asker.Context, startTime: from))
        {
            if (span is not null)
            {
                span.SetTag("grid.store.place", place);
                span.SetTag("grid.store.rows", rows);
                span.SetEndTime(until.UtcDateTime);
                if (errorCode is not null)
                {
                    span.SetTag("error.type", errorCode);
                    span.SetStatus(ActivityStatusCode.Error);
                }
            }
        }
        Activity.Current = current;
    }
}
