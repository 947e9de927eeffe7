using System.Net;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Residents;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Crash;

/// <summary>
/// Mixed load over HTTP by a few workers, the process killed at a random moment, started again, and every story held
/// against what was answered: what was acknowledged is there once, and what was not is whole or absent.
/// </summary>
internal sealed class CrashCampaign(string dataFolder, int seed)
{
    private const int Workers = 6;
    private const string VenueId = "metro-1";
    private static readonly string CollectedAt = TimeProvider.System.GetUtcNow().AddHours(-6).ToString("O");
    private static readonly string TestedAt = TimeProvider.System.GetUtcNow().AddHours(-2).ToString("O");
    private static readonly TimeSpan RecoveryTimeMax = TimeSpan.FromSeconds(15);
    private static readonly DateOnly Birth = new(1960, 1, 1);

    private readonly Random _random = new(seed);
    private readonly List<Story> _stories = [];
    private readonly Dictionary<Role, string> _tokens = [];
    private AccessTokens? _minter;
    private int _people;

    public int Acknowledged { get; private set; }

    public async Task Run(int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            using var grid = await GridProcess.Start(dataFolder);
            _minter ??= new AccessTokens(KeyRing.Open(dataFolder, TimeProvider.System), TimeProvider.System);
            await Prepare(grid.Http);
            // Everything told so far is checked on the fresh process, before new load comes.
            foreach (var story in _stories)
                await Check(grid.Http, story);
            _stories.RemoveAll(story => story.Reported == Known.Acknowledged && _random.Next(4) == 0);

            var told = Enumerable.Range(0, Workers).Select(_ => new List<Story>()).ToArray();
            var load = told.Select((stories, worker) => Task.Run(() => Drive(grid.Http, stories, $"{seed}-{round}-{worker}"))).ToArray();
            await Task.Delay(_random.Next(50, 900));
            grid.Kill();
            await Task.WhenAll(load);
            _stories.AddRange(told.SelectMany(stories => stories));
        }
        using var last = await GridProcess.Start(dataFolder);
        foreach (var story in _stories)
            await Check(last.Http, story);
    }

    private async Task Prepare(HttpClient http)
    {
        foreach (var (role, subject) in new[]
                 {
                     (Role.Sampler, "site-1"), (Role.Lab, "lab-1"), (Role.Device, $"{VenueId}/door-1"), (Role.Admin, "admin-1"),
                     (Role.Operator, "staff/1"),
                 })
        {
            _tokens[role] = _minter!.Mint(role, subject, TimeSpan.FromHours(12)).Token;
        }
        var venue = new { name = "Metro", district = "610113", policy = new { maxTestAgeHours = (int?)null, minDoses = 0, admitColours = new[] { "green" } } };
        await Expect(http, Request(HttpMethod.Put, $"/v1/venues/{VenueId}", Role.Admin, venue), HttpStatusCode.OK);
    }

    /// <summary>Tells one story after the other until the process is gone.</summary>
    private async Task Drive(HttpClient http, List<Story> stories, string name)
    {
        var random = new Random((int)StableId.ShortOf(name));
        try
        {
            for (var i = 0; ; i++)
            {
                var story = new Story($"T-{name}-{i}", random.Next(5) == 0);
                stories.Add(story);
                await Tell(http, story, random.Next(1, 6));
            }
        }
        catch (HttpRequestException)
        {
            // Killed: what was sent last stays of unknown outcome.
        }
        catch (TaskCanceledException)
        {
        }
    }

    private async Task Tell(HttpClient http, Story story, int people)
    {
        for (var i = 0; i < people; i++)
        {
            var person = new Person(NextIdNumber());
            story.People.Add(person);
            person.Registered = Known.Sent;
            await Register(http, person, HttpStatusCode.Created);
        }
        story.Opened = Known.Sent;
        await Open(http, story, HttpStatusCode.Created);
        foreach (var person in story.People)
        {
            person.Sampled = Known.Sent;
            await Expect(http, Sample(story, person), HttpStatusCode.OK);
            person.Sampled = Known.Acknowledged;
            Acknowledged++;
        }
        var displayed = await Display(http, story.People[0]);
        var scan = new Scan($"S-{story.TubeId}", displayed.GetProperty("token").GetString()!);
        story.Scans.Add(scan);
        scan.Answer = await Expect(http, ScanRequest(scan), HttpStatusCode.OK);
        Acknowledged++;
        story.Sealed = Known.Sent;
        await Expect(http, Request(HttpMethod.Post, $"/v1/tubes/{story.TubeId}/seal", Role.Sampler, new { }), HttpStatusCode.OK);
        story.Sealed = Known.Acknowledged;
        story.Reported = Known.Sent;
        await Report(http, story, HttpStatusCode.Accepted);
    }

    private async Task Check(HttpClient http, Story story)
    {
        foreach (var person in story.People.Where(person => person.Registered != Known.Unsent))
            await Register(http, person, person.Registered == Known.Acknowledged ? HttpStatusCode.OK : null);
        if (story.Opened != Known.Unsent)
            await Open(http, story, story.Opened == Known.Acknowledged ? HttpStatusCode.OK : null);
        foreach (var scan in story.Scans)
            await CheckScan(http, scan);
        await CheckSamples(http, story);
        if (story.Reported != Known.Unsent)
            await CheckResult(http, story);
    }

    private async Task CheckScan(HttpClient http, Scan scan)
    {
        var again = await Expect(http, ScanRequest(scan), HttpStatusCode.OK);
        scan.Answer ??= again;
        Assert.Equal(scan.Answer, again);
    }

    private async Task CheckSamples(HttpClient http, Story story)
    {
        if (story.Opened == Known.Unsent)
            return;
        var tube = JsonDocument.Parse(await Expect(http, Request(HttpMethod.Get, $"/v1/tubes/{story.TubeId}", Role.Sampler), HttpStatusCode.OK));
        var count = tube.RootElement.GetProperty("count").GetInt32();
        var acknowledged = story.People.Count(person => person.Sampled == Known.Acknowledged);
        var sent = story.People.Count(person => person.Sampled == Known.Sent);
        Assert.InRange(count, acknowledged, acknowledged + sent);
        foreach (var person in story.People.Where(person => person.Sampled == Known.Sent))
            await Resend(http, story, person);
        foreach (var person in story.People.Where(person => person.Sampled == Known.Acknowledged))
        {
            var state = (await Display(http, person)).GetProperty("test").GetProperty("state").GetString();
            if (story.Reported == Known.Unsent)
                Assert.Contains(state, new[] { "sampled", "overdue" });
            else
                Assert.NotEqual("none", state);
        }
    }

    /// <summary>A sampler's phone that got no answer sends the sample again: it goes in, or it is in already.</summary>
    private async Task Resend(HttpClient http, Story story, Person person)
    {
        var answer = await Send(http, Sample(story, person));
        if (answer.Status == HttpStatusCode.Conflict)
            Assert.Equal("already-in-tube", answer.Code);
        else
            Assert.Equal(HttpStatusCode.OK, answer.Status);
        person.Sampled = Known.Acknowledged;
    }

    private async Task CheckResult(HttpClient http, Story story)
    {
        if (story.Reported == Known.Sent)
        {
            // Nobody asked again yet: the result reached every member, or none.
            await Eventually(async () => (await Resulted(http, story)).Distinct().Count() <= 1, $"the members of {story.TubeId} agree");
        }
        await Report(http, story, story.Reported == Known.Acknowledged ? HttpStatusCode.OK : null);
        Assert.All(await Resulted(http, story), Assert.True);
        foreach (var person in story.People)
        {
            var display = await Display(http, person);
            var capacityOne = story.People.Count == 1;
            var expected = !story.Positive ? "green" : capacityOne ? "red" : "yellow";
            Assert.Equal(expected, display.GetProperty("colour").GetString());
            Assert.Equal(story.Positive ? 1 : 0, display.GetProperty("causes").GetArrayLength());
        }
    }

    private async Task<bool[]> Resulted(HttpClient http, Story story)
    {
        var states = new List<bool>();
        foreach (var person in story.People)
            states.Add((await Display(http, person)).GetProperty("test").GetProperty("state").GetString() == "resulted");
        return [.. states];
    }

    private async Task Register(HttpClient http, Person person, HttpStatusCode? expected)
    {
        var body = new { idNumber = person.IdNumber, name = "测试", phone = "13900000000", district = "610113" };
        var answer = JsonDocument.Parse(await Expect(http, Request(HttpMethod.Post, "/v1/residents", Role.Operator, body), expected, HttpStatusCode.Created));
        var residentId = answer.RootElement.GetProperty("residentId").GetString();
        if (person.ResidentId is not null)
            Assert.Equal(person.ResidentId, residentId);
        person.ResidentId = residentId;
        person.Registered = Known.Acknowledged;
        Acknowledged++;
    }

    private async Task Open(HttpClient http, Story story, HttpStatusCode? expected)
    {
        var body = new { tubeId = story.TubeId, capacity = story.People.Count == 1 ? 1 : 5, siteId = "site-1" };
        await Expect(http, Request(HttpMethod.Post, "/v1/tubes", Role.Sampler, body), expected, HttpStatusCode.Created);
        story.Opened = Known.Acknowledged;
    }

    private async Task Report(HttpClient http, Story story, HttpStatusCode? expected)
    {
        var body = new
        {
            tubeId = story.TubeId, sequence = 1, method = "rt-pcr", result = story.Positive ? "positive" : "negative", testedAt = TestedAt,
        };
        var answer = JsonDocument.Parse(await Expect(http, Request(HttpMethod.Post, "/v1/results", Role.Lab, body), expected, HttpStatusCode.Accepted));
        var receiptId = answer.RootElement.GetProperty("receiptId").GetString();
        Assert.Equal("applied", answer.RootElement.GetProperty("state").GetString());
        if (story.ReceiptId is not null)
            Assert.Equal(story.ReceiptId, receiptId);
        story.ReceiptId = receiptId;
        story.Reported = Known.Acknowledged;
        Acknowledged++;
    }

    private Call Sample(Story story, Person person) => Request(
        HttpMethod.Post, $"/v1/tubes/{story.TubeId}/samples", Role.Sampler, new { residentId = person.ResidentId, collectedAt = CollectedAt });

    private Call ScanRequest(Scan scan) => Request(
        HttpMethod.Post, "/v1/scans", Role.Device, new { scanId = scan.ScanId, venueId = VenueId, token = scan.Token });

    private async Task<JsonElement> Display(HttpClient http, Person person)
    {
        var token = _minter!.Mint(Role.Resident, person.ResidentId!, TimeSpan.FromHours(1)).Token;
        return JsonDocument.Parse(await Expect(http, new Call(HttpMethod.Get, "/v1/me/code", token, null), HttpStatusCode.OK)).RootElement;
    }

    private Call Request(HttpMethod method, string path, Role role, object? body = null) => new(method, path, _tokens[role], body);

    private static Task<Answer> Send(HttpClient http, Call call) => http.CallAsync(call.Method, call.Path, call.Token, call.Body);

    /// <summary>Sends; with no status expected, 200 will do as well as the one for a first time.</summary>
    private static async Task<string> Expect(
        HttpClient http, Call call, HttpStatusCode? expected, HttpStatusCode firstTime = HttpStatusCode.OK)
    {
        var answer = await Send(http, call);
        var fits = expected is { } status ? answer.Status == status : answer.Status == firstTime || answer.Status == HttpStatusCode.OK;
        Assert.True(fits, $"{call.Method} {call.Path}: expected {expected}, got {answer.Status}: {answer.Text}");
        return answer.Text;
    }

    private static async Task Eventually(Func<Task<bool>> holds, string what)
    {
        using var limit = new CancellationTokenSource(RecoveryTimeMax);
        while (!await holds())
        {
            Assert.False(limit.IsCancellationRequested, $"Not within {RecoveryTimeMax}: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    private string NextIdNumber()
    {
        // Distinct over the campaign: a thousand sequence numbers a day of birth.
        var number = Interlocked.Increment(ref _people) + (seed % 1000 * 1000);
        var birth = Birth.AddDays(number / 1000);
        return IdNumber.Create(610113, birth, number % 1000).Reveal();
    }

    private sealed record Call(HttpMethod Method, string Path, string Token, object? Body);
}
