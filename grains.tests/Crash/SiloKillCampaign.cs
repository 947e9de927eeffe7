using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Residents;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Crash;

/// <summary>What a killed silo cost.</summary>
/// <param name="Acknowledged">Commands that were answered as done.</param>
/// <param name="ScansAcknowledged">Scans among them.</param>
/// <param name="Lost">Of those, how many are not there afterwards, or differ.</param>
/// <param name="Interrupted">Residents whose display failed at least once after the kill.</param>
/// <param name="HalfAnsweredAgain">When half of those had been displayed again, from the kill.</param>
/// <param name="LastAnsweredAgain">When the last one had.</param>
/// <param name="LongestCall">The longest that any call took after the kill, failed or not.</param>
/// <param name="ScanRows">Rows of scans in the database.</param>
/// <param name="ScansSent">Scan ids that were sent.</param>
internal sealed record SiloKillEnd(
    int Acknowledged, int ScansAcknowledged, int Lost, int Interrupted, TimeSpan HalfAnsweredAgain, TimeSpan LastAnsweredAgain, TimeSpan LongestCall,
    long ScanRows, long ScansSent);

/// <summary>
/// Two silos and a gateway; displays of every resident again and again, scans and registrations beside them; one silo is
/// killed. Then every acknowledged command is repeated under its id and must be found done, with the same answer.
/// </summary>
internal sealed class SiloKillCampaign(string data, string redis, string database) : IAsyncDisposable
{
    private const int Residents = 400;
    private const int Watchers = 24;
    private const int Writers = 6;
    private const int AttemptsMax = 10;
    private const string VenueId = "metro-1";
    private static readonly TimeSpan s_before = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_after = TimeSpan.FromSeconds(12);

    private readonly List<GridProcess> _processes = [];
    private readonly ConcurrentBag<(string ScanId, string Code, string Answer)> _scans = [];
    private readonly ConcurrentBag<(string IdNumber, string ResidentId)> _registered = [];
    private readonly string[] _residents = new string[Residents];
    private readonly string[] _tokens = new string[Residents];
    private readonly Watch[] _watches = [.. Enumerable.Range(0, Residents).Select(_ => new Watch())];
    private HttpClient _http = null!;
    private AccessTokens _minter = null!;
    private string _device = "";
    private long _killedAt = long.MaxValue;
    private long _longestTicks;
    private int _people;
    private int _scansSent;

    /// <summary>Runs it.</summary>
    public async Task<SiloKillEnd> Run()
    {
        string[] store = ["--Grid:Postgres", database];
        string[] silo = [.. store, "--Grid:Cluster:Redis", redis];
        // One after the other: the first makes the keys and the schemas.
        _processes.Add(await GridProcess.StartSilo(data, silo));
        _processes.Add(await GridProcess.StartSilo(data, silo));
        _processes.Add(await GridProcess.Start(data, "--Grid:Role", "Gateway", "--Grid:Cluster:Redis", redis));
        _http = _processes[^1].Http;
        _minter = new AccessTokens(KeyRing.Open(data, TimeProvider.System), TimeProvider.System);
        await Prepare();

        using var ending = new CancellationTokenSource();
        var load = Enumerable.Range(0, Watchers).Select(number => Task.Run(() => Look(number, ending.Token)))
            .Concat(Enumerable.Range(0, Writers).Select(number => Task.Run(() => Write(number, ending.Token)))).ToArray();
        await Task.Delay(s_before);
        Volatile.Write(ref _killedAt, Stopwatch.GetTimestamp());
        _processes[0].Kill();
        await Task.Delay(s_after);
        await ending.CancelAsync();
        await Task.WhenAll(load);
        return await Judge();
    }

    public ValueTask DisposeAsync()
    {
        foreach (var process in _processes.AsEnumerable().Reverse())
            process.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task Prepare()
    {
        _device = Token(Role.Device, $"{VenueId}/door-1");
        var venue = new { name = "Metro", district = "610113", policy = new { minDoses = 0, admitColours = new[] { "green" } } };
        await Settle(() => Send(HttpMethod.Put, $"/v1/venues/{VenueId}", Token(Role.Admin, "admin-1"), venue));
        await Parallel.ForEachAsync(Enumerable.Range(0, Residents), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
        {
            var idNumber = NextIdNumber();
            var residentId = IdOf(await Settle(() => Send(HttpMethod.Post, "/v1/residents", Token(Role.Operator, "staff/1"), Registration(idNumber))));
            _registered.Add((idNumber, residentId));
            (_residents[number], _tokens[number]) = (residentId, Token(Role.Resident, residentId));
            await Settle(() => Send(HttpMethod.Get, "/v1/me/code", _tokens[number], null));
        });
    }

    /// <summary>Before the kill: what times out on a busy machine is repeated, as its caller would.</summary>
    private static async Task<string> Settle(Func<Task<(HttpStatusCode Status, string Body)>> ask)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (status, body) = await ask();
            if (status is HttpStatusCode.OK or HttpStatusCode.Created)
                return body;
            Assert.True(attempt < AttemptsMax, $"{(int)status} {body}");
        }
    }

    private async Task Look(int number, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            for (var resident = number; resident < Residents && !ending.IsCancellationRequested; resident += Watchers)
            {
                var from = Stopwatch.GetTimestamp();
                var answered = await Display(resident) is not null;
                _watches[resident].Note(from, answered, Volatile.Read(ref _killedAt));
            }
        }
    }

    private async Task Write(int number, CancellationToken ending)
    {
        for (var round = 0; !ending.IsCancellationRequested; round++)
        {
            if (await Register() is { } registered)
                _registered.Add(registered);
            if (await Display((number * 61 + round * 7) % Residents) is not { } code)
                continue;
            var scanId = Guid.CreateVersion7().ToString();
            Interlocked.Increment(ref _scansSent);
            var (status, answer) = await Scan(scanId, code);
            if (status == HttpStatusCode.OK)
                _scans.Add((scanId, code, answer));
        }
    }

    private async Task<SiloKillEnd> Judge()
    {
        var lost = 0;
        var bound = new ParallelOptions { MaxDegreeOfParallelism = 8 };
        await Parallel.ForEachAsync(_registered, bound, async (person, _) =>
        {
            var (status, body) = await Send(HttpMethod.Post, "/v1/residents", Token(Role.Operator, "staff/1"), Registration(person.IdNumber));
            if (status != HttpStatusCode.OK || IdOf(body) != person.ResidentId)
                Interlocked.Increment(ref lost);
        });
        await Parallel.ForEachAsync(_scans, bound, async (scan, _) =>
        {
            if (await Scan(scan.ScanId, scan.Code) != (HttpStatusCode.OK, scan.Answer))
                Interlocked.Increment(ref lost);
        });
        var gaps = _watches.Where(static watch => watch.Failed).Select(watch => watch.AnsweredAgain(_killedAt)).Order().ToArray();
        return new SiloKillEnd(
            _registered.Count + _scans.Count, _scans.Count, lost, gaps.Length, gaps.ElementAtOrDefault(gaps.Length / 2), gaps.LastOrDefault(),
            Stopwatch.GetElapsedTime(0, _longestTicks), PostgresServer.Scalar<long>(database, "SELECT count(*) FROM visits"), _scansSent);
    }

    /// <summary>The code of a resident; null when none came.</summary>
    private async Task<string?> Display(int resident)
    {
        var (status, body) = await Send(HttpMethod.Get, "/v1/me/code", _tokens[resident], null);
        return status == HttpStatusCode.OK ? JsonDocument.Parse(body).RootElement.GetProperty("token").GetString() : null;
    }

    private Task<(HttpStatusCode Status, string Body)> Scan(string scanId, string token) =>
        Send(HttpMethod.Post, "/v1/scans", _device, new { scanId, venueId = VenueId, token });

    private async Task<(string IdNumber, string ResidentId)?> Register()
    {
        var idNumber = NextIdNumber();
        var (status, body) = await Send(HttpMethod.Post, "/v1/residents", Token(Role.Operator, "staff/1"), Registration(idNumber));
        return status == HttpStatusCode.Created ? (idNumber, IdOf(body)) : null;
    }

    private string NextIdNumber()
    {
        var person = Interlocked.Increment(ref _people);
        return IdNumber.Create(610113, new DateOnly(1960, 1, 1).AddDays(person / 1000), person % 1000).Reveal();
    }

    private static object Registration(string idNumber) => new { idNumber, name = "测试", phone = "13900000000", district = "610113" };

    private static string IdOf(string body) => JsonDocument.Parse(body).RootElement.GetProperty("residentId").GetString()!;

    private string Token(Role role, string subject) => _minter.Mint(role, subject, TimeSpan.FromHours(1)).Token;

    private async Task<(HttpStatusCode Status, string Body)> Send(HttpMethod method, string path, string? token, object? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        var from = Stopwatch.GetTimestamp();
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (Stopwatch.GetTimestamp() > Volatile.Read(ref _killedAt))
            InterlockedMax(ref _longestTicks, Stopwatch.GetTimestamp() - from);
        return (answer.StatusCode, text);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var known = Volatile.Read(ref target); value > known; known = Volatile.Read(ref target))
        {
            if (Interlocked.CompareExchange(ref target, value, known) == known)
                return;
        }
    }

    /// <summary>One resident as the watchers saw it.</summary>
    private sealed class Watch
    {
        private long _lastFailure;
        private long _againAt;

        public bool Failed => _lastFailure != 0;

        public void Note(long from, bool answered, long killedAt)
        {
            var now = Stopwatch.GetTimestamp();
            if (now < killedAt)
                return;
            if (!answered)
                (_lastFailure, _againAt) = (now, 0);
            else if (_lastFailure != 0 && _againAt == 0)
                _againAt = now;
            else if (_lastFailure == 0 && now - Math.Max(from, killedAt) > Stopwatch.Frequency / 2)
                (_lastFailure, _againAt) = (now, now);
        }

        public TimeSpan AnsweredAgain(long killedAt) =>
            _againAt == 0 ? TimeSpan.MaxValue : Stopwatch.GetElapsedTime(killedAt, _againAt);
    }
}
