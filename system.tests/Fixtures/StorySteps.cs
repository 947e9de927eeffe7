using System.Net;

namespace Grid.Tests.Fixtures;

/// <summary>What a caller knows of a command.</summary>
internal enum Known
{
    Unsent,

    /// <summary>Sent without an answer: it is done as a whole or not at all.</summary>
    Sent,

    /// <summary>Answered: it is done, and every repeat returns the same answer.</summary>
    Acknowledged,
}

internal sealed class StoryPerson(string idNumber)
{
    internal object Registration { get; } = new
    {
        idNumber,
        name = "测试",
        phone = "13900000000",
        district = "610113",
    };

    internal Known Registered { get; set; }

    internal Guid ResidentId { get; set; }
}

/// <summary>A scan of a story: one id, one code, and the first answer.</summary>
internal sealed class StoryScan(string venueId, string scanId, string code)
{
    internal string VenueId => venueId;

    internal string ScanId => scanId;

    internal string Code => code;

    internal Known Recorded { get; set; }

    /// <summary>The whole first answer.</summary>
    internal string? Answer { get; set; }
}

/// <summary>A tube of a story, its samples and its result.</summary>
internal sealed class StoryTube(string tubeId, int capacity, bool isPositive)
{
    internal string TubeId => tubeId;

    internal int Capacity => capacity;

    internal bool IsPositive => isPositive;

    internal required DateTimeOffset CollectedAt { get; init; }

    internal required DateTimeOffset TestedAt { get; init; }

    internal List<StoryPerson> People { get; init; } = [];

    /// <summary>What is known of each person's sample.</summary>
    internal Dictionary<StoryPerson, Known> Sampled { get; } = [];

    internal Known Opened { get; set; }

    internal Known Sealed { get; set; }

    internal Known Reported { get; set; }

    internal Guid? ReceiptId { get; set; }

    /// <summary>The colour of its members after the report.</summary>
    internal string Colour =>
        !isPositive ? "green"
        : capacity == 1 ? "red"
        : "yellow";

    internal IEnumerable<StoryPerson> PeopleSampled(Known known) =>
        People.Where(person => Sampled.GetValueOrDefault(person) == known);
}

/// <summary>Sends the calls of a story.</summary>
internal interface ICaller
{
    /// <summary>Whether it repeats calls by itself, so that the first answer may already be that of a repeat.</summary>
    bool Repeats { get; }

    /// <summary>Returns the answer that the story continues with.</summary>
    Task<Answer<T>> SendAsync<T>(GridCall<T> call);
}

/// <summary>Sends each call once.</summary>
internal sealed class OnceCaller(GridClient client) : ICaller
{
    public bool Repeats => false;

    public Task<Answer<T>> SendAsync<T>(GridCall<T> call) => client.SendAsync(call);
}

/// <summary>
/// The steps of a story: people register, a tube is opened, filled, sealed and reported, a door scans a code. A step
/// records what is known of its command and may be repeated at any time: what was acknowledged must then be answered as
/// a repeat, with the same resident, outcome or receipt. A test suite supplies the caller and chooses the steps.
/// </summary>
internal sealed class StorySteps(ICaller caller, GridCalls calls)
{
    private int _acknowledged;

    /// <summary>Commands that were answered.</summary>
    internal int Acknowledged => Volatile.Read(ref _acknowledged);

    internal async Task PutVenueAsync(string venueId) =>
        Check(await caller.SendAsync(calls.PutVenue(venueId, GridCalls.OpenPolicy)), HttpStatusCode.OK, "venue");

    internal async Task RegisterAsync(StoryPerson person)
    {
        var before = person.Registered;
        person.Registered = before == Known.Unsent ? Known.Sent : before;
        var resident = (await CommandAsync(calls.Register(person.Registration), before)).Value.ResidentId;
        if (before == Known.Acknowledged)
            Assert.Equal(person.ResidentId, resident);
        (person.ResidentId, person.Registered) = (resident, Known.Acknowledged);
    }

    internal async Task OpenAsync(StoryTube tube)
    {
        var before = tube.Opened;
        tube.Opened = before == Known.Unsent ? Known.Sent : before;
        await CommandAsync(calls.OpenTube(tube.TubeId, tube.Capacity), before);
        tube.Opened = Known.Acknowledged;
    }

    /// <summary>Puts a person's sample in the tube. A repeat puts it in, or reports that it is already in.</summary>
    internal async Task SampleAsync(StoryTube tube, StoryPerson person)
    {
        var before = tube.Sampled.GetValueOrDefault(person);
        tube.Sampled[person] = before == Known.Unsent ? Known.Sent : before;
        var answer = await CommandAsync(calls.AddSample(tube.TubeId, person.ResidentId, tube.CollectedAt), before);
        if (answer.Status == HttpStatusCode.Conflict)
            Assert.Equal("already-in-tube", answer.Code);
        tube.Sampled[person] = Known.Acknowledged;
    }

    internal async Task SealAsync(StoryTube tube)
    {
        var before = tube.Sealed;
        tube.Sealed = before == Known.Unsent ? Known.Sent : before;
        await CommandAsync(calls.Seal(tube.TubeId), before);
        tube.Sealed = Known.Acknowledged;
    }

    internal async Task ReportAsync(StoryTube tube)
    {
        var before = tube.Reported;
        tube.Reported = before == Known.Unsent ? Known.Sent : before;
        var call = calls.Result(tube.TubeId, 1, tube.IsPositive ? "positive" : "negative", tube.TestedAt);
        var receipt = (await CommandAsync(call, before)).Value;
        Assert.Equal("applied", receipt.State);
        Assert.Equal(tube.ReceiptId ?? receipt.ReceiptId, receipt.ReceiptId);
        (tube.ReceiptId, tube.Reported) = (receipt.ReceiptId, Known.Acknowledged);
    }

    /// <summary>Displays the person's code, and prepares its scan under an id.</summary>
    internal async Task<StoryScan> CodeForScanAsync(StoryPerson person, string venueId, string scanId) =>
        new(venueId, scanId, (await DisplayAsync(person)).Token!);

    internal async Task ScanAsync(StoryScan scan)
    {
        var before = scan.Recorded;
        scan.Recorded = before == Known.Unsent ? Known.Sent : before;
        var answer = await CommandAsync(calls.Scan(scan.VenueId, scan.ScanId, scan.Code), before);
        scan.Answer ??= answer.Text;
        Assert.Equal(scan.Answer, answer.Text);
        scan.Recorded = Known.Acknowledged;
    }

    internal async Task<TubeReply> TubeAsync(StoryTube tube) => (await caller.SendAsync(calls.Tube(tube.TubeId))).Value;

    internal async Task<DisplayReply> DisplayAsync(StoryPerson person)
    {
        var answer = await caller.SendAsync(calls.Display(person.ResidentId));
        Check(answer, HttpStatusCode.OK, "display");
        return answer.Value;
    }

    /// <summary>
    /// Checks that a person of a reported tube is shown its result, and the colour that follows from it.
    /// </summary>
    internal async Task CheckResultedAsync(StoryTube tube, StoryPerson person) =>
        CheckResulted(tube, await DisplayAsync(person));

    internal static void CheckResulted(StoryTube tube, DisplayReply display)
    {
        Assert.Equal((tube.Colour, "resulted"), (display.Colour, display.Test.State));
        Assert.Equal(tube.IsPositive ? 1 : 0, display.Causes.Length);
    }

    private async Task<Answer<T>> CommandAsync<T>(GridCall<T> call, Known before)
    {
        var answer = await caller.SendAsync(call);
        HttpStatusCode[] expected = before switch
        {
            Known.Acknowledged => [call.Repeat],
            Known.Unsent when !caller.Repeats => [call.FirstTime],
            _ => call.Answered,
        };
        Assert.True(expected.Contains(answer.Status), $"{call.Method} {call.Path}: {answer.Status} {answer.Text}");
        Interlocked.Increment(ref _acknowledged);
        return answer;
    }

    private static void Check(Answer answer, HttpStatusCode expected, string what) =>
        Assert.True(answer.Status == expected, $"{what}: {answer.Status} {answer.Text}");
}
