using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Keys;

namespace Grid.Tests.Failures;

/// <summary>
/// Residents whose stories are told again and again (display, scan, sample, seal, result), each command repeated under its id until
/// it is answered; and watchers who look at each resident's code through each entrance. What was answered is in the residents' ledgers.
/// </summary>
internal sealed class Crowd : IDisposable
{
    private const string VenueId = "metro-1";
    private const int MaxRemarks = 10;

    private static readonly HttpStatusCode[] Ok = [HttpStatusCode.OK];
    private static readonly HttpStatusCode[] Made = [HttpStatusCode.OK, HttpStatusCode.Created];
    private static readonly HttpStatusCode[] Taken = [HttpStatusCode.OK, HttpStatusCode.Accepted];

    // A sample that is in the tube already was put there by the attempt before.
    private static readonly HttpStatusCode[] Sampled = [HttpStatusCode.OK, HttpStatusCode.Conflict];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly FailureCity _city;
    private readonly AccessTokens _minter;
    private readonly Dictionary<string, string> _tokens = [];
    private readonly List<Watcher> _watchers = [];
    private readonly List<Task> _lives = [];
    private readonly List<Task> _watching = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<string> _remarks = [];
    private volatile bool _isOver;
    private volatile bool _isAbandoned;
    private int _next;
    private int _scans;

    internal Crowd(FailureCity city, int residents)
    {
        _city = city;
        _minter = new AccessTokens(KeyRing.Open(city.House.Folder, TimeProvider.System), TimeProvider.System);
        foreach (var (role, subject) in new[]
                 {
                     (Role.Sampler, "site-1"), (Role.Lab, "lab-1"), (Role.Device, $"{VenueId}/door-1"), (Role.Admin, "admin-1"), (Role.Operator, "city/registry-1"),
                 })
            _tokens[role.ToString()] = _minter.Mint(role, subject, TimeSpan.FromHours(2)).Token;
        var firstSampleAt = TimeProvider.System.GetUtcNow().AddHours(-2);
        firstSampleAt = firstSampleAt.AddTicks(-(firstSampleAt.Ticks % TimeSpan.TicksPerSecond));
        Residents = [.. Enumerable.Range(1, residents).Select(number => new Resident(number, firstSampleAt))];
    }

    internal IReadOnlyList<Resident> Residents { get; }

    internal IReadOnlyList<Watcher> Watchers => _watchers;

    /// <summary>Scan ids of which each was sent until it was answered.</summary>
    internal int Scans => _scans;

    /// <summary>What nobody should ever see or hear, the first of it.</summary>
    internal string[] Remarks
    {
        get
        {
            lock (_lock)
                return [.. _remarks, .. _city.Entrances.SelectMany(static entrance => entrance.Wrong)];
        }
    }

    /// <summary>Registers everybody and the venue, and lets them begin.</summary>
    internal async Task BeginAsync()
    {
        var venue = new { name = "Metro", district = "610113", policy = new { maxTestAgeHours = (int?)null, minDoses = 0, admitColours = new[] { "green" } } };
        await TellAsync(() => Request(HttpMethod.Put, $"/v1/venues/{VenueId}", nameof(Role.Admin), venue), Ok);
        await Task.WhenAll(Residents.Select(RegisterAsync));
        foreach (var resident in Residents)
        {
            _lives.Add(Task.Run(() => LiveAsync(resident)));
            foreach (var entrance in _city.Door is { } door ? _city.Entrances.Append(door) : _city.Entrances)
            {
                var watcher = new Watcher(resident, entrance, Remark);
                _watchers.Add(watcher);
                _watching.Add(Task.Run(() => watcher.WatchAsync(() => DisplayRequest(resident), _stop.Token)));
            }
        }
    }

    /// <summary>Waits until every resident has told this number of further stories and every watcher has an answer.</summary>
    /// <returns>False when that did not come within the time, or a story can't go on.</returns>
    internal async Task<bool> ToldAsync(int rounds, TimeSpan most)
    {
        var from = Stopwatch.GetTimestamp();
        var told = Residents.Select(static resident => resident.Rounds).ToArray();
        var waiting = _watchers.Where(static watcher => watcher.Entrance.Kind != EntranceKind.Door).ToList();
        while (Stopwatch.GetElapsedTime(from) < most)
        {
            waiting.RemoveAll(watcher => watcher.ShownSince(from) || watcher.Entrance.IsGone);
            if (waiting.Count == 0 && Residents.Zip(told).All(each => each.First.Rounds >= each.Second + rounds))
                return true;
            if (_lives.Any(static life => life.IsFaulted))
                return false;
            await Task.Delay(Pause);
        }

        return false;
    }

    /// <summary>Lets all stories that have begun come to their end, and ends the watchers.</summary>
    /// <returns>False when a story did not come to its end.</returns>
    internal async Task<bool> EndAsync()
    {
        _isOver = true;
        await Task.WhenAny(Task.WhenAll(_lives), Task.Delay(Patience));
        await _stop.CancelAsync();
        await Task.WhenAll(_watching);
        return _lives.TrueForAll(static life => life.IsCompletedSuccessfully);
    }

    /// <summary>Asks for everything again that was acknowledged.</summary>
    /// <returns>How many facts are not there, or not as they were answered.</returns>
    internal async Task<int> CountLostAsync()
    {
        var lost = 0;
        foreach (var batch in Residents.Chunk(8))
            lost += (await Task.WhenAll(batch.Select(CountLostAsync))).Sum();
        return lost;
    }

    /// <summary>Callers stop repeating their commands.</summary>
    public void Dispose()
    {
        _isOver = _isAbandoned = true;
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task<int> CountLostAsync(Resident resident)
    {
        var lost = 0;
        foreach (var fact in resident.Facts)
        {
            if (await IsThereAsync(fact))
                continue;
            lost++;
            Remark($"no longer answered as before: {fact.Path} of resident {resident.Number}");
        }

        foreach (var entrance in _city.Entrances.Where(static entrance => !entrance.IsGone))
        {
            var shown = await TellAsync(() => DisplayRequest(resident), Ok, entrance);
            if (resident.FactsIn(shown, out var isColourRight) >= resident.Floor && isColourRight)
                continue;
            lost++;
            Remark($"at the end {entrance.Name} shows fewer than {resident.Floor} facts of resident {resident.Number}");
        }

        return lost;
    }

    private async Task<bool> IsThereAsync(Fact fact)
    {
        try
        {
            return Told(await TellAsync(() => Request(HttpMethod.Post, fact.Path, fact.Role, fact.Body), Taken), fact.Path) == fact.Answer;
        }
        catch (InvalidOperationException)
        {
            // Another answer than to a repeat, such as a conflict: another fact stands there.
            return false;
        }
    }

    private async Task RegisterAsync(Resident resident)
    {
        var person = new { idNumber = resident.IdNumber, name = "测试", phone = "13900000000", district = "610113" };
        resident.Id = Field(await TellAsync(() => Request(HttpMethod.Post, "/v1/residents", nameof(Role.Operator), person), Made), "residentId");
        resident.Token = _minter.Mint(Role.Resident, resident.Id, TimeSpan.FromHours(2)).Token;
    }

    private async Task LiveAsync(Resident resident)
    {
        // Spread over the time between two rounds.
        await Task.Delay(BetweenRounds * resident.Number / Residents.Count);
        for (var round = 1; !_isOver; round++)
        {
            await ScanAsync(resident, round);
            await TestAsync(resident, round);
            resident.EndRound(round);
            await Task.Delay(BetweenRounds);
        }
    }

    private async Task ScanAsync(Resident resident, int round)
    {
        var token = Field(await TellAsync(() => DisplayRequest(resident), Ok), "token");
        var scan = new { scanId = $"S-{resident.Number}-{round}", venueId = VenueId, token };
        Interlocked.Increment(ref _scans);
        await AcknowledgeAsync(resident, "/v1/scans", nameof(Role.Device), scan);
    }

    private async Task TestAsync(Resident resident, int round)
    {
        var tubeId = $"T-{resident.Number}-{round}";
        await TellAsync(() => Request(HttpMethod.Post, "/v1/tubes", nameof(Role.Sampler), new { tubeId, capacity = 1, siteId = "site-1" }), Made);
        var sample = new { residentId = resident.Id, collectedAt = resident.SampledAt(round) };
        await TellAsync(() => Request(HttpMethod.Post, $"/v1/tubes/{tubeId}/samples", nameof(Role.Sampler), sample), Sampled);
        resident.Raise((2 * round) - 1);
        await TellAsync(() => Request(HttpMethod.Post, $"/v1/tubes/{tubeId}/seal", nameof(Role.Sampler), new { }), Ok);
        var result = resident.IsPositive(round) ? "positive" : "negative";
        var report = new { tubeId, sequence = 1, method = "rt-pcr", result, testedAt = resident.SampledAt(round).AddSeconds(1) };
        await AcknowledgeAsync(resident, "/v1/results", nameof(Role.Lab), report);
        resident.Raise(2 * round);
    }

    private async Task AcknowledgeAsync(Resident resident, string path, string role, object body)
    {
        var answer = await TellAsync(() => Request(HttpMethod.Post, path, role, body), Taken);
        resident.Add(new Fact(path, role, body, Told(answer, path)));
    }

    /// <summary>The part that every repeat must give: all of a scan's answer, the receipt of a result.</summary>
    private static string Told(string answer, string path) => path == "/v1/results" ? Field(answer, "receiptId") : answer;

    /// <summary>Sends, and again at the next entrance as long as the answer is "later" or there is none.</summary>
    private async Task<string> TellAsync(Func<HttpRequestMessage> make, HttpStatusCode[] expected, Entrance? only = null)
    {
        var from = Stopwatch.GetTimestamp();
        long? refusedAt = null;
        while (true)
        {
            var entrance = only ?? Next();
            var request = make();
            var isCommand = request.Method != HttpMethod.Get;
            var (reply, body) = await entrance.AskAsync(request, isCommand, expected, CancellationToken.None);
            if (reply == Reply.Done)
            {
                if (refusedAt is { } since)
                    entrance.NoteRefusedFor(isCommand, Stopwatch.GetElapsedTime(since));
                return body;
            }

            if (_isAbandoned || reply == Reply.Wrong || Stopwatch.GetElapsedTime(from) > Patience)
            {
                var what = $"{request.Method} {request.RequestUri} at {entrance.Name}, after {Stopwatch.GetElapsedTime(from)}: {body}";
                Remark(what);
                throw new InvalidOperationException(what);
            }

            refusedAt ??= Stopwatch.GetTimestamp();
            await Task.Delay(Pause);
        }
    }

    // As a balancer does: one after the other, those that it knows to be gone left out.
    private Entrance Next()
    {
        var open = _city.Entrances.Where(static entrance => !entrance.IsGone).ToArray();
        return open[(int)((uint)Interlocked.Increment(ref _next) % open.Length)];
    }

    private void Remark(string text)
    {
        lock (_lock)
        {
            if (_remarks.Count < MaxRemarks)
                _remarks.Add(text);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string role, object body)
    {
        var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens[role]);
        return request;
    }

    private static HttpRequestMessage DisplayRequest(Resident resident)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me/code");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", resident.Token);
        return request;
    }

    private static string Field(string body, string name)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty(name).GetString()!;
    }
}
