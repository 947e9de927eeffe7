using System.Diagnostics;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Failures;

/// <summary>
/// Residents who repeat their stories (display, scan, sample, seal, result), each command repeated under its id until
/// it is answered; and watchers who poll each resident's code through each entrance. The residents' ledgers record what
/// was acknowledged.
/// </summary>
internal sealed class Crowd : IDisposable
{
    private const string VenueId = "metro-1";
    private const int MaxRemarks = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly FailureCity _city;
    private readonly GridTokens _tokens;
    private readonly GridCalls _calls;
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
        _tokens = GridTokens.OfFolder(city.House.Folder);
        _calls = new GridCalls(_tokens);
        var firstSampleAt = TimeProvider.System.GetUtcNow().AddHours(-2);
        firstSampleAt = firstSampleAt.AddTicks(-(firstSampleAt.Ticks % TimeSpan.TicksPerSecond));
        Residents = [.. Enumerable.Range(1, residents).Select(number => new Resident(number, firstSampleAt))];
    }

    internal IReadOnlyList<Resident> Residents { get; }

    internal IReadOnlyList<Watcher> Watchers => _watchers;

    /// <summary>Scan ids, each of which was sent until it was answered.</summary>
    internal int Scans => _scans;

    /// <summary>The first answers that should never occur.</summary>
    internal string[] Remarks
    {
        get
        {
            lock (_lock)
                return [.. _remarks, .. _city.Entrances.SelectMany(static entrance => entrance.Wrong)];
        }
    }

    /// <summary>Registers the residents and the venue, and starts the stories.</summary>
    internal async Task BeginAsync()
    {
        await TellAsync(_calls.PutVenue(VenueId, GridCalls.OpenPolicy));
        await Task.WhenAll(Residents.Select(RegisterAsync));
        foreach (var resident in Residents)
        {
            _lives.Add(Task.Run(() => LiveAsync(resident)));
            foreach (var entrance in _city.Door is { } door ? _city.Entrances.Append(door) : _city.Entrances)
            {
                var watcher = new Watcher(resident, entrance, Remark);
                _watchers.Add(watcher);
                _watching.Add(
                    Task.Run(() => watcher.WatchAsync(GridCalls.Display(resident.Token).Request, _stop.Token))
                );
            }
        }
    }

    /// <summary>
    /// Waits until every resident has completed this number of further stories and every watcher has an answer.
    /// </summary>
    /// <returns>False on timeout, or when a story cannot continue.</returns>
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

    /// <summary>Waits for the stories in progress to end, and stops the watchers.</summary>
    /// <returns>False when a story did not end.</returns>
    internal async Task<bool> EndAsync()
    {
        _isOver = true;
        await Task.WhenAny(Task.WhenAll(_lives), Task.Delay(Patience));
        await _stop.CancelAsync();
        await Task.WhenAll(_watching);
        return _lives.TrueForAll(static life => life.IsCompletedSuccessfully);
    }

    /// <summary>Repeats everything that was acknowledged.</summary>
    /// <returns>The number of facts that are missing, or differ from their first answer.</returns>
    internal async Task<int> CountLostAsync()
    {
        var lost = 0;
        foreach (var batch in Residents.Chunk(8))
            lost += (await Task.WhenAll(batch.Select(CountLostAsync))).Sum();
        return lost;
    }

    /// <summary>Stops the callers' repeats.</summary>
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
            var shown = await TellAsync(GridCalls.Display(resident.Token), entrance);
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
            return await fact.AskAgainAsync() == fact.Answer;
        }
        catch (InvalidOperationException)
        {
            // Not the answer of a repeat, such as a conflict: another fact has this id.
            return false;
        }
    }

    private async Task RegisterAsync(Resident resident)
    {
        var person = new
        {
            idNumber = resident.IdNumber,
            name = "测试",
            phone = "13900000000",
            district = "610113",
        };
        var registered = GridJson.Read<RegisteredReply>(await TellAsync(_calls.Register(person)));
        resident.Id = registered.ResidentId.ToString();
        resident.Token = _tokens.OfResident(registered.ResidentId);
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
        var code = GridJson.Read<DisplayReply>(await TellAsync(GridCalls.Display(resident.Token))).Token!;
        Interlocked.Increment(ref _scans);
        // Every repeat must return the whole first outcome.
        await AcknowledgeAsync(resident, _calls.Scan(VenueId, $"S-{resident.Number}-{round}", code), static answer =>
            answer
        );
    }

    private async Task TestAsync(Resident resident, int round)
    {
        var tubeId = $"T-{resident.Number}-{round}";
        await TellAsync(_calls.OpenTube(tubeId, 1));
        await TellAsync(_calls.AddSample(tubeId, Guid.Parse(resident.Id), resident.SampledAt(round)));
        resident.Raise((2 * round) - 1);
        await TellAsync(_calls.Seal(tubeId));
        var result = resident.IsPositive(round) ? "positive" : "negative";
        // Every repeat must return the first receipt; whether it is applied yet may differ.
        await AcknowledgeAsync(
            resident,
            _calls.Result(tubeId, 1, result, resident.SampledAt(round).AddSeconds(1)),
            static answer => GridJson.Read<ReceiptReply>(answer).ReceiptId.ToString()
        );
        resident.Raise(2 * round);
    }

    private async Task AcknowledgeAsync<T>(Resident resident, GridCall<T> call, Func<string, string> lasting)
    {
        var answer = await AskAsync();
        resident.Add(new Fact(call.Path, AskAsync, answer));

        async Task<string> AskAsync() => lasting(await TellAsync(call));
    }

    /// <summary>Sends, and repeats at the next entrance while the answer is 503 or missing.</summary>
    private async Task<string> TellAsync<T>(GridCall<T> call, Entrance? only = null)
    {
        var from = Stopwatch.GetTimestamp();
        long? refusedAt = null;
        while (true)
        {
            var entrance = only ?? Next();
            var request = call.Request();
            var isCommand = request.Method != HttpMethod.Get;
            var (reply, body) = await entrance.AskAsync(request, isCommand, call.Answered, CancellationToken.None);
            if (reply == Reply.Done)
            {
                if (refusedAt is { } since)
                    entrance.NoteRefusedFor(isCommand, Stopwatch.GetElapsedTime(since));
                return body;
            }

            if (_isAbandoned || reply == Reply.Wrong || Stopwatch.GetElapsedTime(from) > Patience)
            {
                var what =
                    $"{request.Method} {request.RequestUri} at {entrance.Name}, "
                    + $"after {Stopwatch.GetElapsedTime(from)}: {body}";
                Remark(what);
                throw new InvalidOperationException(what);
            }

            refusedAt ??= Stopwatch.GetTimestamp();
            await Task.Delay(Pause);
        }
    }

    // Round robin, skipping entrances that are known to be down, like a load balancer.
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
}
