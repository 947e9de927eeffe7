using System.Net;
using System.Text;
using System.Text.Json;

namespace Grid.Tests.Failures;

/// <summary>The campaign's own rules: what counts as stale, as refused, as missed.</summary>
public sealed class LedgerTests
{
    private static readonly DateTimeOffset FirstSampleAt = new(2026, 11, 28, 6, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("none", null, null, "green", 0)]
    [InlineData("sampled", null, "2026-11-28T06:00:02Z", "green", 1)]
    [InlineData("resulted", "negative", "2026-11-28T06:00:02Z", "green", 2)]
    [InlineData("sampled", "negative", "2026-11-28T06:00:02Z", "green", 3)]
    [InlineData("overdue", "negative", "2026-11-28T06:00:10Z", "green", 11)]
    public void A_display_tells_how_many_facts_it_contains(
        string state,
        string? result,
        string? collectedAt,
        string colour,
        int facts
    )
    {
        var resident = new Resident(1, FirstSampleAt);
        Assert.Equal(facts, resident.FactsIn(Display(state, result, collectedAt, colour), out var isColourRight));
        Assert.True(isColourRight);
    }

    [Theory]
    [InlineData("2026-11-28T06:00:02Z", "green", true)]
    [InlineData("2026-11-28T06:00:04Z", "green", false)]
    [InlineData("2026-11-28T06:00:04Z", "red", true)]
    [InlineData("2026-11-28T06:00:06Z", "red", true)]
    public void From_a_positive_result_on_only_red_is_right(string collectedAt, string colour, bool isRight)
    {
        var resident = new Resident(1, FirstSampleAt);
        Assert.False(resident.IsPositive(1));
        resident.TurnPositive();
        Assert.True(resident.IsPositive(2));
        Assert.False(resident.IsPositive(3));
        resident.FactsIn(Display("resulted", "negative", collectedAt, colour), out var isColourRight);
        Assert.Equal(isRight, isColourRight);
    }

    [Fact]
    public async Task What_was_acknowledged_or_seen_before_a_watcher_asked_must_be_shown()
    {
        var resident = new Resident(1, FirstSampleAt);
        resident.Raise(2);
        var remarks = new List<string>();
        var (watcher, entrance) = await WatchAsync(
            resident,
            remarks,
            Shown("resulted", "negative", 1),
            Shown("sampled", "negative", 1),
            Shown("resulted", "negative", 1),
            Shown("none", null, null)
        );
        Assert.Equal(2, watcher.Old);
        Assert.Equal(2, remarks.Count);
        Assert.Equal(3, resident.Floor);
        Assert.Equal(0, entrance.Figures.DisplaysRefused);
    }

    [Fact]
    public async Task A_refusal_counts_until_the_answer_and_an_unknown_answer_is_wrong()
    {
        var later = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)
        {
            Headers = { RetryAfter = new(TimeSpan.FromSeconds(1)) },
        };
        var (watcher, entrance) = await WatchAsync(
            new Resident(1, FirstSampleAt),
            [],
            Shown("none", null, null),
            later,
            new HttpResponseMessage(HttpStatusCode.InternalServerError),
            Shown("none", null, null)
        );
        Assert.Equal(2, entrance.Figures.DisplaysRefused);
        Assert.Single(entrance.Wrong);
        // Two pauses of a watcher lie between the first refusal and the answer.
        Assert.InRange(entrance.Figures.DisplaysRefusedFor, TimeSpan.FromMilliseconds(90), watcher.Silence);
    }

    [Fact]
    public void A_table_shows_median_and_worst_and_what_was_missed()
    {
        var failure = FailureList.Named("kill");
        var good = Run(again: 0.4);
        FailureRuns runs = new(failure, "Grid's", [good, Run(again: 1.3), good with { Old = 1 }]);
        var table = FailureTable.Of(
            "bench/failures",
            [runs, new FailureRuns(FailureList.Named("cut-all"), "Grid's", [], "no networks")]
        );
        Assert.Contains(
            "| silo killed (SIGKILL) | Grid's | 3 | 0.4 s / 1.3 s | ≤ 1 s |",
            table,
            StringComparison.Ordinal
        );
        Assert.Contains("missed: again ×1, OLD ×1 |", table, StringComparison.Ordinal);
        Assert.Contains("not run: no networks |", table, StringComparison.Ordinal);
        Assert.Empty(FailureTable.Missed(failure, good));
    }

    private static RunFigures Run(double again) =>
        new()
        {
            Again = TimeSpan.FromSeconds(again),
            AgainAtClient = TimeSpan.FromSeconds(2),
            Interrupted = 1,
            Member = default,
            Client = default,
            Old = 0,
            Lost = 0,
            Wrong = 0,
            Ended = 0,
            Recovered = true,
            Scans = 1,
            Notes = new Dictionary<string, TimeSpan?>(),
            Remarks = [],
        };

    private static async Task<(Watcher Watcher, Entrance Entrance)> WatchAsync(
        Resident resident,
        List<string> remarks,
        params HttpResponseMessage[] answers
    )
    {
        using var stop = new CancellationTokenSource();
        using var http = new HttpClient(new Answers(answers, stop)) { BaseAddress = new Uri("http://grid.test") };
        var entrance = new Entrance("gateway", EntranceKind.Member, http);
        var watcher = new Watcher(resident, entrance, remarks.Add);
        await watcher.WatchAsync(static () => new HttpRequestMessage(HttpMethod.Get, "/v1/me/code"), stop.Token);
        return (watcher, entrance);
    }

    private static HttpResponseMessage Shown(string state, string? result, int? round) =>
        new(HttpStatusCode.OK)
        {
            Content = new StringContent(
                Display(
                    state,
                    result,
                    round is { } number ? $"{FirstSampleAt.AddSeconds(2 * number):yyyy-MM-ddTHH:mm:ssZ}" : null,
                    "green"
                ),
                Encoding.UTF8,
                "application/json"
            ),
        };

    private static string Display(string state, string? result, string? collectedAt, string colour) =>
        JsonSerializer.Serialize(
            new
            {
                colour,
                test = new
                {
                    result,
                    collectedAt,
                    ageHours = 1,
                    state,
                },
            }
        );

    /// <summary>Answers in order; the last one stops the watcher.</summary>
    private sealed class Answers(HttpResponseMessage[] answers, CancellationTokenSource stop) : HttpMessageHandler
    {
        private int _next;

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellation
        )
        {
            if (_next < answers.Length)
                return answers[_next++];
            await stop.CancelAsync();
            throw new OperationCanceledException(cancellation);
        }
    }
}
