using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Grid.Residents;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>
/// What people, doors and laboratories do to a grid, through its gateway, while silos come and go: each command is repeated
/// under its id until it is answered, as the contract says that it may be, and what was answered is held against what is
/// seen afterwards.
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

    /// <summary>Stories that were told to their end.</summary>
    internal int Told => _told.Count;

    /// <summary>Scan ids of stories, each sent until it was answered.</summary>
    internal int ScansSent => _scansSent;

    /// <summary>Requests sent.</summary>
    internal int Requests => _requests;

    /// <summary>Answers that said "later".</summary>
    internal int Refusals => _refusals;

    /// <summary>The longest that one request took.</summary>
    internal TimeSpan Slowest => _slowest.Took;

    /// <summary>Which one that was, and what came of it.</summary>
    internal string SlowestOne => $"{_slowest.Took.TotalMilliseconds:F0} ms: {_slowest.What}";

    /// <summary>The longest that a command or a display was not answered, from its first attempt on, refusals included; begins anew.</summary>
    internal TimeSpan TakeSilence() => TimeSpan.FromTicks(Interlocked.Exchange(ref _silenceTicks, 0));

    /// <summary>What was refused or took long, the first of it.</summary>
    internal ConcurrentQueue<string> Remarks { get; } = [];

    /// <summary>What the processes have logged, for an answer that nobody should ever see.</summary>
    internal required Func<string> Logs { get; init; }

    /// <summary>Ways around the gateway, at which nobody is to see what is old; that they answer at all is not asked.</summary>
    internal IReadOnlyList<HttpClient> Doors { get; init; } = [];

    /// <summary>How many answers came by those ways.</summary>
    internal int AnsweredAtDoors => _answeredAtDoors;

    /// <summary>Registers the venue and mints what the callers need.</summary>
    internal async Task PrepareAsync()
    {
        _tokens = GridTokens.OfFolder(dataFolder);
        _calls = new GridCalls(_tokens);
        _steps = new StorySteps(this, _calls);
        await _steps.PutVenueAsync(VenueId);
    }

    /// <summary>From now on everybody goes by another gateway; what is under way ends at the one before.</summary>
    internal void GoBy(HttpClient next) => _http = next;

    /// <summary>Tells stories while <paramref name="events"/> happen, and a little longer.</summary>
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

    /// <summary>Waits until so many stories are told.</summary>
    internal async Task UntilAsync(int told)
    {
        await Waiting.UntilAsync(() => Told >= told, $"{told} stories are told", Patience, () => $"{Told} were told.");
    }

    /// <summary>Everything that was answered is there, once; or so many of it, spread over all.</summary>
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

    /// <summary>Stories of people who will be found positive, told up to the laboratory's result.</summary>
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

    /// <summary>The laboratory's result. From its answer on, nobody may see what was before it.</summary>
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

    /// <summary>A display of somebody whose story was told.</summary>
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

    /// <summary>Sends once; what is not expected must say that it may be sent again.</summary>
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

    /// <summary>What was logged of a failure, once it has been written.</summary>
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

    /// <summary>Somebody whose sample is in a sealed tube.</summary>
    internal sealed record Begun(StoryPerson Person, StoryTube Tube, StoryScan Scan);
}
