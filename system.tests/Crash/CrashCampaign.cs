using Grid.Residents;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Crash;

/// <summary>
/// Mixed load over HTTP while the process is killed at random moments and restarted. Then every story is compared with
/// its answers: what was acknowledged is present once, and what was not is whole or absent.
/// </summary>
internal sealed class CrashCampaign(string dataFolder, int seed)
{
    private const int Workers = 6;
    private const int MaxCommandsBeforeKill = 400;
    private const string VenueId = "metro-1";
    private static readonly DateTimeOffset CollectedAt = TimeProvider.System.GetUtcNow().AddHours(-6);
    private static readonly DateTimeOffset TestedAt = TimeProvider.System.GetUtcNow().AddHours(-2);
    private static readonly TimeSpan MaxRecoveryTime = TimeSpan.FromSeconds(15);
    private static readonly DateOnly Birth = new(1960, 1, 1);

    private readonly Random _random = new(seed);
    private readonly List<Story> _stories = [];
    private GridCalls? _calls;
    private int _people;

    /// <summary>Commands answered in all rounds.</summary>
    internal int Acknowledged { get; private set; }

    internal async Task RunAsync(int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            using var grid = await GridProcess.Start(dataFolder);
            var steps = Steps(grid);
            await steps.PutVenueAsync(VenueId);
            // Check all stories so far on the new process, before new load arrives.
            foreach (var story in _stories)
                await CheckAsync(steps, story);
            _stories.RemoveAll(story => story.Tube.Reported == Known.Acknowledged && _random.Next(4) == 0);

            var killAt = steps.Acknowledged + _random.Next(1, MaxCommandsBeforeKill);
            var told = Enumerable.Range(0, Workers).Select(_ => new List<Story>()).ToArray();
            var workers = told.Select(
                    (stories, worker) => Task.Run(() => DriveAsync(steps, stories, $"{seed}-{round}-{worker}"))
                )
                .ToArray();
            await Waiting.UntilAsync(
                () => steps.Acknowledged >= killAt || workers.Any(static worker => worker.IsFaulted),
                "the workers send load before the kill"
            );
            grid.Kill();
            await Task.WhenAll(workers);
            _stories.AddRange(told.SelectMany(static stories => stories));
            Acknowledged += steps.Acknowledged;
        }

        using var last = await GridProcess.Start(dataFolder);
        foreach (var story in _stories)
            await CheckAsync(Steps(last), story);
    }

    private StorySteps Steps(GridProcess grid)
    {
        _calls ??= new GridCalls(GridTokens.OfFolder(dataFolder));
        return new StorySteps(new OnceCaller(new GridClient(grid.Http, _calls)), _calls);
    }

    /// <summary>Runs one story after the other until the process is killed.</summary>
    private async Task DriveAsync(StorySteps steps, List<Story> stories, string name)
    {
        var random = new Random((int)StableId.ShortOf(name));
        try
        {
            for (var number = 0; ; number++)
            {
                var people = random.Next(1, 6);
                var story = new Story(
                    new StoryTube($"T-{name}-{number}", people == 1 ? 1 : 5, random.Next(5) == 0)
                    {
                        CollectedAt = CollectedAt,
                        TestedAt = TestedAt,
                        People = [.. Enumerable.Range(0, people).Select(_ => new StoryPerson(NextIdNumber()))],
                    }
                );
                stories.Add(story);
                await TellAsync(steps, story);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            // Killed: the outcome of the last call is unknown.
        }
    }

    private static async Task TellAsync(StorySteps steps, Story story)
    {
        var tube = story.Tube;
        foreach (var person in tube.People)
            await steps.RegisterAsync(person);
        await steps.OpenAsync(tube);
        foreach (var person in tube.People)
            await steps.SampleAsync(tube, person);
        story.Scan = await steps.CodeForScanAsync(tube.People[0], VenueId, $"S-{tube.TubeId}");
        await steps.ScanAsync(story.Scan);
        await steps.SealAsync(tube);
        await steps.ReportAsync(tube);
    }

    /// <summary>Repeats every step that was taken, and checks what residents are shown.</summary>
    private static async Task CheckAsync(StorySteps steps, Story story)
    {
        var tube = story.Tube;
        foreach (var person in tube.People.Where(static person => person.Registered != Known.Unsent))
            await steps.RegisterAsync(person);
        if (tube.Opened != Known.Unsent)
            await steps.OpenAsync(tube);
        if (story.Scan is { } scan)
            await steps.ScanAsync(scan);
        await CheckSamplesAsync(steps, tube);
        if (tube.Reported != Known.Unsent)
            await CheckResultAsync(steps, tube);
    }

    private static async Task CheckSamplesAsync(StorySteps steps, StoryTube tube)
    {
        if (tube.Opened == Known.Unsent)
            return;
        var acknowledged = tube.PeopleSampled(Known.Acknowledged).ToArray();
        var sent = tube.PeopleSampled(Known.Sent).ToArray();
        var count = (await steps.TubeAsync(tube)).Count;
        Assert.InRange(count, acknowledged.Length, acknowledged.Length + sent.Length);
        // A sampler's phone without an answer sends the sample again.
        foreach (var person in sent)
            await steps.SampleAsync(tube, person);
        foreach (var person in acknowledged)
        {
            var state = (await steps.DisplayAsync(person)).Test.State;
            if (tube.Reported == Known.Unsent)
                Assert.Contains(state, new[] { "sampled", "overdue" });
            else
                Assert.NotEqual("none", state);
        }
    }

    private static async Task CheckResultAsync(StorySteps steps, StoryTube tube)
    {
        if (tube.Reported == Known.Sent)
        {
            // Nobody has repeated the result yet: it reached every member, or none.
            await Waiting.UntilAsync(
                async () => (await StatesAsync(steps, tube)).Distinct().Count() <= 1,
                $"the members of {tube.TubeId} agree",
                MaxRecoveryTime
            );
        }

        await steps.ReportAsync(tube);
        foreach (var person in tube.People)
            await steps.CheckResultedAsync(tube, person);
    }

    private static async Task<bool[]> StatesAsync(StorySteps steps, StoryTube tube)
    {
        var states = new List<bool>();
        foreach (var person in tube.People)
            states.Add((await steps.DisplayAsync(person)).Test.State == "resulted");
        return [.. states];
    }

    private string NextIdNumber()
    {
        // Unique within the campaign: a thousand sequence numbers for each day of birth.
        var number = Interlocked.Increment(ref _people) + (seed % 1000 * 1000);
        return IdNumber.Create(610113, Birth.AddDays(number / 1000), number % 1000).Reveal();
    }

    /// <summary>The story of one worker: a few people, one tube with its result, and a scan.</summary>
    private sealed class Story(StoryTube tube)
    {
        internal StoryTube Tube => tube;

        internal StoryScan? Scan { get; set; }
    }
}
