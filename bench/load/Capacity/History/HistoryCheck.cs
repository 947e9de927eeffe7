using Grid.Bench.Load.Capacity.Traffic;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Measure;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Capacity.History;

/// <summary>The result of checking everything that was acknowledged.</summary>
internal sealed record HistoryVerdict
{
    public long Scans { get; init; }

    public long ScansAskedAgain { get; init; }

    /// <summary>Repeats with another outcome than the first answer.</summary>
    public long OutcomesChanged { get; init; }

    /// <summary>Repeats and displays without an answer to compare.</summary>
    public long Unanswered { get; init; }

    public long Tubes { get; init; }

    public long Members { get; init; }

    public long ResidentsAsked { get; init; }

    /// <summary>Residents whose display lacks their acknowledged result.</summary>
    public long ResultsMissing { get; init; }

    /// <summary>
    /// Displays during the run that lacked a result which was acknowledged before the request was sent.
    /// </summary>
    public long StaleDisplays { get; init; }

    /// <summary>Null when the rows cannot be counted here.</summary>
    public RowVerdict? Rows { get; init; }

    /// <summary>Acknowledged scans that were not kept for the check because the history was full.</summary>
    public long NotKept { get; init; }

    public bool IsIntact =>
        OutcomesChanged + Unanswered + ResultsMissing + StaleDisplays == 0
        && Rows is null or { Missing: 0, Doubled: 0 };

    public static HistoryVerdict Add(HistoryVerdict a, HistoryVerdict b) =>
        new()
        {
            Scans = a.Scans + b.Scans,
            ScansAskedAgain = a.ScansAskedAgain + b.ScansAskedAgain,
            OutcomesChanged = a.OutcomesChanged + b.OutcomesChanged,
            Unanswered = a.Unanswered + b.Unanswered,
            Tubes = a.Tubes + b.Tubes,
            Members = a.Members + b.Members,
            ResidentsAsked = a.ResidentsAsked + b.ResidentsAsked,
            ResultsMissing = a.ResultsMissing + b.ResultsMissing,
            StaleDisplays = a.StaleDisplays + b.StaleDisplays,
            NotKept = a.NotKept + b.NotKept,
            Rows =
                a.Rows is null ? b.Rows
                : b.Rows is null ? a.Rows
                : new RowVerdict(
                    a.Rows.Rows + b.Rows.Rows,
                    a.Rows.Missing + b.Rows.Missing,
                    a.Rows.Doubled + b.Rows.Doubled
                ),
        };
}

/// <summary>
/// Replays everything that was acknowledged: each scan id for its outcome, each member of a reported tube for the
/// display.
/// </summary>
internal static class HistoryCheck
{
    private const int MaxAttempts = 5;
    private static readonly TimeSpan MaxCheck = TimeSpan.FromMinutes(10);

    /// <param name="maxScans">Maximum scans to replay; of more, an evenly spaced sample.</param>
    public static async Task<HistoryVerdict> RunAsync(
        CityTraffic traffic,
        Crowd crowd,
        LoadPlan plan,
        int maxScans,
        CancellationToken stop
    )
    {
        var host = plan.Server.ToString();
        var asked = Choose(traffic.Scans.Answered, maxScans);
        var replays = new ReplaySource(crowd.Devices(host), asked);
        var residents = traffic.Results.Residents().ToArray();
        var displays = new AfterwardsSource(crowd.Displays(host), traffic.Results, residents);
        var closed = plan with
        {
            Rate = null,
            Connections = 64,
            Threads = 1,
            Warmup = TimeSpan.Zero,
            Duration = MaxCheck,
            MaxRetries = MaxAttempts,
        };
        await LoadRun.RunAsync(closed, "replays", _ => replays, null, stop);
        await LoadRun.RunAsync(closed, "displays", _ => displays, null, stop);
        stop.ThrowIfCancellationRequested();
        return new HistoryVerdict
        {
            Scans = traffic.Scans.Answered.Count + traffic.Scans.NotKept,
            ScansAskedAgain = replays.Same + replays.Changed,
            OutcomesChanged = replays.Changed,
            Unanswered =
                asked.Count - replays.Same - replays.Changed + residents.Length - displays.Known - displays.Missing,
            Tubes = traffic.Results.Tubes,
            Members = traffic.Results.Members,
            ResidentsAsked = displays.Known + displays.Missing,
            ResultsMissing = displays.Missing,
            StaleDisplays = traffic.Results.StaleDisplays,
            NotKept = traffic.Scans.NotKept,
        };
    }

    private static List<AnsweredScan> Choose(IReadOnlyList<AnsweredScan> all, int atMost)
    {
        if (all.Count <= atMost)
            return [.. all];
        return [.. Enumerable.Range(0, atMost).Select(i => all[(int)((long)i * all.Count / atMost)])];
    }
}

/// <summary>Sends each scan again, unchanged, and compares the outcomes.</summary>
internal sealed class ReplaySource(DeviceRequests devices, IReadOnlyList<AnsweredScan> scans) : IRequestSource
{
    private int _next;

    public long Same { get; private set; }

    public long Changed { get; private set; }

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        tag = new RequestTag(RequestKind.Scan, 1, _next);
        if (_next == scans.Count)
            return false;
        var asked = scans[_next++].Asked;
        var start = request.BeginBody(devices.Head(asked.Venue, isBatch: false));
        devices.WriteScan(request, asked.Venue, asked.Id, asked.Code);
        request.EndBody(start);
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response)
    {
        if (response.Status == 200 && Fingerprint.Of(response.Body) == scans[tag.Key].Outcome)
            Same++;
        // A conflict is an answer too: another scan has this id.
        else if (response.Status is 200 or 409)
            Changed++;
        return Verdicts.Of(response.Status, response.Status is 200 or 409);
    }
}

/// <summary>Displays every resident with an acknowledged result once, and checks that it is shown.</summary>
internal sealed class AfterwardsSource(DisplayRequests requests, ResultHistory results, int[] residents)
    : IRequestSource
{
    private int _next;

    public long Known { get; private set; }

    public long Missing { get; private set; }

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        tag = default;
        if (_next == residents.Length)
            return false;
        var resident = residents[_next++];
        requests.Write(request, resident);
        tag = new RequestTag(RequestKind.Display, 1, resident, results.NewestOf(resident));
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response)
    {
        var verdict = DisplayRequests.Judge(response, out _);
        if (verdict != Verdict.Done)
            return verdict;
        var shown = ShownTest.TryRead(response.Body, out var isNegative, out var at) ? results.SecondOf(at) : 0;
        if (shown > tag.Expected || (shown == tag.Expected && isNegative))
            Known++;
        else
            Missing++;
        return verdict;
    }
}
