using System.Diagnostics;

namespace Grid.Silo.Stores;

/// <summary>
/// The store's spans: how long work waited for its group, and how long the group took. Made afterwards, for who asks as
/// part of a trace; whoever does not pays a comparison.
/// </summary>
internal static class StoreTraces
{
    /// <summary>The source of the store's spans.</summary>
    internal const string SourceName = "Grid.Store";

    private const string WaitName = "store wait";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether anybody takes spans.</summary>
    internal static bool IsOn => Source.HasListeners();

    /// <summary>The span that asks; null when nobody traces it.</summary>
    internal static Activity? Asker =>
        Source.HasListeners() && Activity.Current is { Recorded: true } current ? current : null;

    /// <summary>Work that was let in nowhere.</summary>
    internal static void Refused(StoreWork work, string place, string code, TimeProvider time)
    {
        if (work.TakeAsker() is { } asker)
            Add(asker, WaitName, place, work.Rows, time.GetUtcNow(), time.GetUtcNow(), code);
    }

    /// <summary>Work of a group that has ended.</summary>
    /// <param name="work">What was asked for.</param>
    /// <param name="step">What the group did, such as <c>store commit</c>.</param>
    /// <param name="place">Where.</param>
    /// <param name="groupRows">Rows of the whole group.</param>
    /// <param name="began">When the group began, as a timestamp; 0 when it never did.</param>
    /// <param name="fault">The code of what went wrong; null when nothing did.</param>
    /// <param name="time">The store's clock.</param>
    internal static void Ended(
        StoreWork work,
        string step,
        string place,
        int groupRows,
        long began,
        string? fault,
        TimeProvider time
    )
    {
        if (work.TakeAsker() is not { } asker)
            return;
        var (now, at) = (time.GetUtcNow(), time.GetTimestamp());
        var queued = now - time.GetElapsedTime(work.QueuedAt, at);
        if (began == 0)
        {
            Add(asker, WaitName, place, work.Rows, queued, now, fault);
            return;
        }
        var taken = now - time.GetElapsedTime(began, at);
        Add(asker, WaitName, place, work.Rows, queued, taken, null);
        Add(asker, step, place, groupRows, taken, now, fault);
    }

    private static void Add(
        Activity asker,
        string name,
        string place,
        int rows,
        DateTimeOffset from,
        DateTimeOffset until,
        string? fault
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
                if (fault is not null)
                {
                    span.SetTag("error.type", fault);
                    span.SetStatus(ActivityStatusCode.Error);
                }
            }
        }
        Activity.Current = current;
    }
}
