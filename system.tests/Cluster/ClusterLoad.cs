using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Grid.Residents;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>
/// Load from residents, doors and laboratories, through the gateway, while silos come and go. Each command is repeated
/// under its id until it is answered, as the contract allows; each answer is compared with what is shown later.
/// </summary>
internal sealed class ClusterLoad(HttpClient http, string dataFolder) : ICaller
{
    internal const int Workers = 6;
    private const int MaxRemarks = 20;
    private const string VenueId = "metro-1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(500);
    private static int _people;

    private readonly ConcurrentQueue<Begun> _told = [];
    private GridTokens? _tokens;
    private GridCalls? _calls;
    private StorySteps? _steps;
    private int _scansSent;
    private int _requests;
    private int _refusals;
    private int _answeredAtDoors;
    private (TimeSpan Took, string What) _slowest;
    private long _silenceTicks;
    private volatile HttpClient _http = http;
    private volatile bool _isStopped;

    /// <summary>Number of completed stories.</summary>
    internal int Told => _told.Count;

    /// <summary>Scan ids of stories, each sent until it was answered.</summary>
    internal int ScansSent => _scansSent;

    /// <summary>Requests sent.</summary>
    internal int Requests => _requests;

    /// <summary>Answers with 503 and Retry-After.</summary>
    internal int Refusals => _refusals;

    /// <summary>The longest duration of one request.</summary>
    internal TimeSpan Slowest => _slowest.Took;

    /// <summary>The slowest request and its answer.</summary>
    internal string SlowestOne => $"{_slowest.Took.TotalMilliseconds:F0} ms: {_slowest.What}";

    /// <summary>
    /// Returns and resets the longest time that a command or a display went unanswered, from its first attempt,
    /// refusals included.
    /// </summary>
    internal TimeSpan TakeSilence() => TimeSpan.FromTicks(Interlocked.Exchange(ref _silenceTicks, 0));

    /// <summary>The first requests that were refused or slow.</summary>
    internal ConcurrentQueue<string> Remarks { get; } = [];

    /// <summary>The processes' logs, to explain an answer that should never occur.</summary>
    internal required Func<string> Logs { get; init; }

    /// <summary>Clients that bypass the gateway: what they show must be current, but they need not answer.</summary>
    internal IReadOnlyList<HttpClient> Doors { get; init; } = [];

    /// <summary>Number of answers from those clients.</summary>
    internal int AnsweredAtDoors => _answeredAtDoors;

    /// <summary>Registers the venue and mints the callers' tokens.</summary>
    internal async Task PrepareAsync()
    {
        _tokens = GridTokens.OfFolder(dataFolder);
        _calls = new GridCalls(_tokens);
        _steps = new StorySteps(this, _calls);
        await _steps.PutVenueAsync(VenueId);
    }

    /// <summary>Sends all further requests to another gateway; those in flight end at the first one.</summary>
    internal void GoBy(HttpClient next) => _http = next;

    /// <summary>Runs stories during <paramref name="events"/> and a little longer.</summary>
    internal async Task WhileAsync(Func<Task> events)
    {
        _isStopped = false;
        var workers = Enumerable.Range(0, Workers).Select(_ => Task.Run(TellAsync)).ToArray();
        await UntilAsync(Told + Workers);
        await events();
        await UntilAsync(Told + (2 * Workers));
        _isStopped = true;
        await Task.WhenAll(workers).WaitAsync(Patience * 2);
    }

    /// <summary>Waits until this number of stories is completed.</summary>
    internal async Task UntilAsync(int told)
    {
        await Waiting.UntilAsync(() => Told >= told, $"{told} stories are told", Patience, () => $"{Told} were told.");
    }

    /// <summary>
    /// Checks that everything acknowledged is present exactly once; above <paramref name="most"/>, checks an evenly
    /// spaced sample.
    /// </summary>
    internal async Task CheckAsync(int most = int.MaxValue)
    {
        var told = _told.ToArray();
        var step = Math.Max(1, told.Length / most);
        foreach (var story in told.Where((_, number) => number % step == 0))
        {
            await Steps.CheckResultedAsync(story.Tube, story.Person);
            await Steps.ScanAsync(story.Scan);
            await Steps.ReportAsync(story.Tube);
        }
    }

    private async Task TellAsync()
    {
        while (!_isStopped)
        {
            var number = Interlocked.Increment(ref _people);
            await EndAsync(await BeginAsync(number, isPositive: number % 3 == 0));
            if (_told.TryPeek(out var oldest))
                await Steps.CheckResultedAsync(oldest.Tube, oldest.Person);
        }
    }

    /// <summary>
    /// Runs stories of residents who will test positive, up to the moment before the laboratory's result.
    /// </summary>
    internal Task<Begun[]> BeginAsync(int count) =>
        Task.WhenAll(
            Enumerable.Range(0, count).Select(_ => BeginAsync(Interlocked.Increment(ref _people), isPositive: true))
        );

    private async Task<Begun> BeginAsync(int number, bool isPositive)
    {
        var person = new StoryPerson(IdNumberOf(number));
        await Steps.RegisterAsync(person);
        var tube = new StoryTube($"T-{number}", capacity: 1, isPositive)
        {
            People = [person],
            CollectedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1),
            TestedAt = TimeProvider.System.GetUtcNow(),
        };
        await Steps.OpenAsync(tube);
        await Steps.SampleAsync(tube, person);
        var scan = await Steps.CodeForScanAsync(person, VenueId, $"S-{number}");
        Interlocked.Increment(ref _scansSent);
        await Steps.ScanAsync(scan);
        await Steps.SealAsync(tube);
        return new Begun(person, tube, scan);
    }

    /// <summary>Sends the laboratory's result. After its answer no display may show the earlier state.</summary>
    internal async Task EndAsync(Begun story)
    {
        await Steps.ReportAsync(story.Tube);
        await Steps.CheckResultedAsync(story.Tube, story.Person);
        await Task.WhenAll(Doors.Select(door => ExpectNothingOldAsync(door, story)));
        _told.Enqueue(story);
    }

    private async Task ExpectNothingOldAsync(HttpClient door, Begun story)
    {
        var answer = await AskAsync(door, _calls!.Display(story.Person.ResidentId));
        if (answer.Status != HttpStatusCode.OK)
            return;
        Interlocked.Increment(ref _answeredAtDoors);
        StorySteps.CheckResulted(story.Tube, answer.Value);
    }

    /// <summary>A display of a resident whose story is completed.</summary>
    internal HttpRequestMessage AnyDisplay() => _calls!.Display(_told.First().Person.ResidentId).Request();

    private StorySteps Steps => _steps!;

    bool ICaller.Repeats => true;

    /// <summary>Repeats a call while the answer is 503 with Retry-After; every other answer must be expected.</summary>
    async Task<Answer<T>> ICaller.SendAsync<T>(GridCall<T> call)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var answer = await AskAsync(_http, call);
            if (call.Answered.Contains(answer.Status))
            {
                Raise(ref _silenceTicks, since.Elapsed);
                return answer;
            }

            Interlocked.Increment(ref _refusals);
            Assert.True(since.Elapsed < Patience, $"No answer for {Patience}: {answer.Text}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Sends once; an unexpected answer must say that the call may be repeated.</summary>
    private async Task<Answer<T>> AskAsync<T>(HttpClient way, GridCall<T> call)
    {
        using var request = call.Request();
        var from = Stopwatch.GetTimestamp();
        var answer = (await way.AnswerAsync(request)).As<T>();
        var isRefused = answer.Status == HttpStatusCode.ServiceUnavailable;
        var sentAt = TimeProvider.System.GetUtcNow();
        Note(
            Stopwatch.GetElapsedTime(from),
            () =>
                $"{sentAt:HH:mm:ss.fff} {call.Method} {call.Path} {answer.Status} "
                + ((int)answer.Status < 300 ? "" : answer.Text),
            isRefused
        );
        if (!call.Answered.Contains(answer.Status) && !(isRefused && answer.Headers.RetryAfter is not null))
            Assert.Fail($"{call.Method} {call.Path}: {answer.Status} {answer.Text}\n{await LoggedAsync(answer.Text)}");
        return answer;
    }

    /// <summary>Waits for the log entry of a failure.</summary>
    private async Task<string> LoggedAsync(string body)
    {
        var trace = GridJson.Read<ProblemReply>(body).TraceId;
        await Waiting.WithinAsync(() => Task.FromResult(Logs().Contains(trace, StringComparison.Ordinal)), LogPatience);
        return Logs();
    }

    private void Note(TimeSpan took, Func<string> what, bool isRefused)
    {
        Interlocked.Increment(ref _requests);
        if ((isRefused || took > Long) && Remarks.Count < MaxRemarks)
            Remarks.Enqueue($"{took.TotalMilliseconds:F0} ms: {what()}");
        lock (Remarks)
        {
            if (took > _slowest.Took)
                _slowest = (took, what());
        }
    }

    private static void Raise(ref long ticks, TimeSpan to)
    {
        long known;
        while (
            to.Ticks > (known = Volatile.Read(ref ticks))
            && Interlocked.CompareExchange(ref ticks, to.Ticks, known) != known
        ) { }
    }

    private static string IdNumberOf(int number) =>
        IdNumber.Create(610113, new DateOnly(1970, 1, 1).AddDays(number / 1000), number % 1000).Reveal();

    /// <summary>A resident whose sample is in a sealed tube.</summary>
    internal sealed record Begun(StoryPerson Person, StoryTube Tube, StoryScan Scan);
}
