using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Residents;

namespace Grid.Tests.Cluster;

/// <summary>
/// What people, doors and laboratories do to a grid, through its gateway, while silos come and go: each command is repeated
/// under its id until it is answered, as the contract says that it may be, and what was answered is held against what is
/// seen afterwards.
/// </summary>
internal sealed class ClusterLoad(HttpClient http, string dataFolder)
{
    internal const int Workers = 6;
    private const int MaxRemarks = 20;
    private const string VenueId = "metro-1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(500);
    private static int _people;

    private readonly ConcurrentQueue<Outcome> _told = [];
    private readonly Dictionary<Role, string> _tokens = [];
    private AccessTokens? _minter;
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
        _minter = new AccessTokens(KeyRing.Open(dataFolder, TimeProvider.System), TimeProvider.System);
        foreach (var (role, subject) in new[]
                 {
                     (Role.Sampler, "site-1"), (Role.Lab, "lab-1"), (Role.Device, $"{VenueId}/door-1"), (Role.Admin, "admin-1"),
                     (Role.Operator, "city/registry-1"),
                 })
            _tokens[role] = _minter.Mint(role, subject, TimeSpan.FromHours(1)).Token;
        var venue = new { name = "Metro", district = "610113", policy = new { maxTestAgeHours = (int?)null, minDoses = 0, admitColours = new[] { "green" } } };
        await SendAsync(() => Request(HttpMethod.Put, $"/v1/venues/{VenueId}", Role.Admin, venue), HttpStatusCode.OK);
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
        var waited = Stopwatch.StartNew();
        while (Told < told)
        {
            Assert.True(waited.Elapsed < Patience, $"Only {Told} of {told} stories were told in {Patience}.");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Everything that was answered is there, once; or so many of it, spread over all.</summary>
    internal async Task CheckAsync(int most = int.MaxValue)
    {
        var told = _told.ToArray();
        var step = Math.Max(1, told.Length / most);
        foreach (var outcome in told.Where((_, number) => number % step == 0))
        {
            var story = outcome.Story;
            await ExpectColourAsync(outcome);
            Assert.Equal(story.Scan, await SendAsync(() => ScanRequest(story.ScanId, story.Token), HttpStatusCode.OK));
            Assert.Equal(outcome.ReceiptId, await ReportAsync(story, HttpStatusCode.OK));
        }
    }

    private async Task TellAsync()
    {
        while (!_isStopped)
        {
            var number = Interlocked.Increment(ref _people);
            await EndAsync(await BeginAsync(number, isPositive: number % 3 == 0));
            if (_told.TryPeek(out var oldest))
                await ExpectColourAsync(oldest);
        }
    }

    /// <summary>Stories of people who will be found positive, told up to the laboratory's result.</summary>
    internal Task<Begun[]> BeginAsync(int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => BeginAsync(Interlocked.Increment(ref _people), isPositive: true)));

    private async Task<Begun> BeginAsync(int number, bool isPositive)
    {
        var (tubeId, scanId) = ($"T-{number}", $"S-{number}");
        var collectedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        var person = new { idNumber = IdNumberOf(number), name = "测试", phone = "13900000000", district = "610113" };
        var registered = await SendAsync(() => Request(HttpMethod.Post, "/v1/residents", Role.Operator, person), HttpStatusCode.OK, HttpStatusCode.Created);
        var residentId = Field(registered, "residentId");
        await SendAsync(
            () => Request(HttpMethod.Post, "/v1/tubes", Role.Sampler, new { tubeId, capacity = 1, siteId = "site-1" }), HttpStatusCode.OK, HttpStatusCode.Created);
        // A repeated sample is in the tube already.
        await SendAsync(
            () => Request(HttpMethod.Post, $"/v1/tubes/{tubeId}/samples", Role.Sampler, new { residentId, collectedAt }), HttpStatusCode.OK, HttpStatusCode.Conflict);
        var token = Field(await DisplayAsync(residentId), "token");
        Interlocked.Increment(ref _scansSent);
        var scan = await SendAsync(() => ScanRequest(scanId, token), HttpStatusCode.OK);
        await SendAsync(() => Request(HttpMethod.Post, $"/v1/tubes/{tubeId}/seal", Role.Sampler, new { }), HttpStatusCode.OK);
        return new Begun(residentId, tubeId, scanId, token, isPositive, scan, TimeProvider.System.GetUtcNow());
    }

    /// <summary>The laboratory's result. From its answer on, nobody may see what was before it.</summary>
    internal async Task EndAsync(Begun story)
    {
        var receiptId = await ReportAsync(story, HttpStatusCode.OK, HttpStatusCode.Accepted);
        var outcome = new Outcome(story, receiptId);
        await ExpectColourAsync(outcome);
        await Task.WhenAll(Doors.Select(door => ExpectNothingOldAsync(door, story)));
        _told.Enqueue(outcome);
    }

    private async Task ExpectColourAsync(Outcome outcome) => ExpectColour(outcome.Story, await DisplayAsync(outcome.Story.ResidentId));

    private static void ExpectColour(Begun story, string display)
    {
        Assert.Equal(story.IsPositive ? "red" : "green", Field(display, "colour"));
        using var body = JsonDocument.Parse(display);
        Assert.Equal("resulted", body.RootElement.GetProperty("test").GetProperty("state").GetString());
    }

    private async Task ExpectNothingOldAsync(HttpClient door, Begun story)
    {
        var (answer, display) = await AskAsync(door, DisplayRequest(TokenOf(story.ResidentId)), HttpStatusCode.OK);
        if (answer != HttpStatusCode.OK)
            return;
        Interlocked.Increment(ref _answeredAtDoors);
        ExpectColour(story, display);
    }

    private async Task<string> ReportAsync(Begun story, params HttpStatusCode[] expected)
    {
        var result = new
        {
            tubeId = story.TubeId, sequence = 1, method = "rt-pcr", result = story.IsPositive ? "positive" : "negative", testedAt = story.TestedAt,
        };
        return Field(await SendAsync(() => Request(HttpMethod.Post, "/v1/results", Role.Lab, result), expected), "receiptId");
    }

    /// <summary>A display of somebody whose story was told.</summary>
    internal HttpRequestMessage AnyDisplay() => DisplayRequest(TokenOf(_told.First().Story.ResidentId));

    /// <summary>What a resident's phone signs in with.</summary>
    internal string TokenOf(string residentId) => _minter!.Mint(Role.Resident, residentId, TimeSpan.FromHours(1)).Token;

    private Task<string> DisplayAsync(string residentId) => SendAsync(() => DisplayRequest(TokenOf(residentId)), HttpStatusCode.OK);

    internal static HttpRequestMessage DisplayRequest(string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me/code");
        request.Headers.Authorization = new("Bearer", token);
        return request;
    }

    private HttpRequestMessage ScanRequest(string scanId, string token) =>
        Request(HttpMethod.Post, "/v1/scans", Role.Device, new { scanId, venueId = VenueId, token });

    private HttpRequestMessage Request(HttpMethod method, string path, Role? role, object body)
    {
        var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        if (role is { } caller)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens[caller]);
        return request;
    }

    /// <summary>Sends, and again as long as the answer is "later"; every other answer must be one that was expected.</summary>
    private async Task<string> SendAsync(Func<HttpRequestMessage> make, params HttpStatusCode[] expected)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var (status, body) = await AskAsync(_http, make(), expected);
            if (expected.Contains(status))
            {
                Raise(ref _silenceTicks, since.Elapsed);
                return body;
            }

            Interlocked.Increment(ref _refusals);
            Assert.True(since.Elapsed < Patience, $"No answer for {Patience}: {body}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Sends once; what is not expected must say that it may be sent again.</summary>
    private async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient way, HttpRequestMessage request, params HttpStatusCode[] expected)
    {
        using (request)
        {
            var from = Stopwatch.GetTimestamp();
            using var answer = await way.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            Note(Stopwatch.GetElapsedTime(from), () =>
                $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {request.Method} {request.RequestUri} {answer.StatusCode} {(answer.IsSuccessStatusCode ? "" : body)}",
                answer.StatusCode == HttpStatusCode.ServiceUnavailable);
            if (!expected.Contains(answer.StatusCode) && (answer.StatusCode != HttpStatusCode.ServiceUnavailable || answer.Headers.RetryAfter is null))
                Assert.Fail($"{request.Method} {request.RequestUri}: {answer.StatusCode} {body}\n{await LoggedAsync(body)}");
            return (answer.StatusCode, body);
        }
    }

    /// <summary>What was logged of a failure, once it has been written.</summary>
    private async Task<string> LoggedAsync(string body)
    {
        var trace = JsonDocument.Parse(body).RootElement.GetProperty("traceId").GetString()!;
        var waited = Stopwatch.StartNew();
        while (!Logs().Contains(trace, StringComparison.Ordinal) && waited.Elapsed < LogPatience)
            await Task.Delay(Pause);
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
        while (to.Ticks > (known = Volatile.Read(ref ticks)) && Interlocked.CompareExchange(ref ticks, to.Ticks, known) != known)
        {
        }
    }

    private static string Field(string body, string name)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty(name).GetString()!;
    }

    private static string IdNumberOf(int number) =>
        IdNumber.Create(610113, new DateOnly(1970, 1, 1).AddDays(number / 1000), number % 1000).Reveal();

    /// <summary>Somebody whose sample is in a sealed tube.</summary>
    internal sealed record Begun(string ResidentId, string TubeId, string ScanId, string Token, bool IsPositive, string Scan, DateTimeOffset TestedAt);

    private sealed record Outcome(Begun Story, string ReceiptId);
}
