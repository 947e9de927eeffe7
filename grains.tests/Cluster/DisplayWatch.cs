using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Grid.Tests.Cluster;

/// <summary>
/// People who look at their code again and again, each for himself and by one way into the grid, so that none waits for what
/// another hears. It knows how long each went without an answer, and whether somebody was shown what he no longer may be.
/// </summary>
internal sealed class DisplayWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Interruption = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _http;
    private readonly Person[] _people;
    private readonly Task _looking;
    private readonly bool _countsOld;
    private volatile bool _isStopped;

    internal DisplayWatch(HttpClient http, ClusterLoad load, IEnumerable<ClusterLoad.Begun> people, bool countsOld = false)
    {
        _countsOld = countsOld;
        _http = http;
        _people = [.. people.Select(person => new Person(load, person.ResidentId))];
        _looking = Task.WhenAll(_people.Select(person => Task.Run(() => LookAsync(person))));
    }

    /// <summary>The longest that somebody was without an answer that showed his code.</summary>
    internal TimeSpan Silence => _people.Max(static person => person.Silence);

    /// <summary>The same for each who was interrupted, shortest first.</summary>
    internal TimeSpan[] Silences => [.. _people.Select(static person => person.Silence).Where(static silence => silence > Interruption).Order()];

    /// <summary>Answers that showed what was no longer true, where they are counted and not refused.</summary>
    internal int Old => _people.Sum(static person => person.Old);

    /// <summary>The longest that a request took, answered or refused.</summary>
    internal TimeSpan Slowest => _people.Max(static person => person.Slowest);

    /// <summary>Who was without an answer for more than half a second.</summary>
    internal int Interrupted => _people.Count(static person => person.Silence > Interruption);

    internal int Shown => _people.Sum(static person => person.Shown);

    internal int Refused => _people.Sum(static person => person.Refused);

    /// <summary>From now on somebody may only be shown red: his result is acknowledged.</summary>
    internal void MustBeRed(ClusterLoad.Begun story) => Array.Find(_people, person => person.Id == story.ResidentId)!.MustBeRed = true;

    /// <summary>Ends it, and fails if anybody saw or heard what he should not.</summary>
    internal async Task StopAsync()
    {
        _isStopped = true;
        await _looking;
        foreach (var person in _people)
            person.NoteSilence();
    }

    private async Task LookAsync(Person person)
    {
        while (!_isStopped)
        {
            var mustBeRed = person.MustBeRed;
            var from = Stopwatch.GetTimestamp();
            var (answer, body) = await AskAsync(person);
            person.Note(answer == HttpStatusCode.OK, Stopwatch.GetElapsedTime(from));
            if (answer == HttpStatusCode.OK && mustBeRed && ColourOf(body) != "red")
            {
                Assert.True(_countsOld, $"Shown after the positive result was acknowledged, at {_http.BaseAddress}: {body}");
                person.Old++;
            }
            await Task.Delay(Pause);
        }
    }

    private async Task<(HttpStatusCode Status, string Body)> AskAsync(Person person)
    {
        try
        {
            using var request = person.Display();
            using var answer = await _http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True(
                answer.IsSuccessStatusCode || (answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null),
                $"{answer.StatusCode} {body}");
            return (answer.StatusCode, body);
        }
        catch (Exception exception) when (_countsOld && exception is HttpRequestException or OperationCanceledException)
        {
            // A process that is cut off may end, and is asked again when it is back.
            return (HttpStatusCode.ServiceUnavailable, "");
        }
    }

    private static string ColourOf(string body)
    {
        using var display = JsonDocument.Parse(body);
        return display.RootElement.GetProperty("colour").GetString()!;
    }

    private sealed class Person(ClusterLoad load, string id)
    {
        private readonly string _token = load.TokenOf(id);
        private long _shownAt = Stopwatch.GetTimestamp();
        private volatile bool _mustBeRed;

        internal string Id => id;

        internal bool MustBeRed { get => _mustBeRed; set => _mustBeRed = value; }

        internal TimeSpan Silence { get; private set; }

        internal int Old { get; set; }

        internal TimeSpan Slowest { get; private set; }

        internal int Shown { get; private set; }

        internal int Refused { get; private set; }

        internal HttpRequestMessage Display() => ClusterLoad.DisplayRequest(_token);

        internal void Note(bool isShown, TimeSpan took)
        {
            Slowest = took > Slowest ? took : Slowest;
            NoteSilence();
            if (isShown)
                (_shownAt, Shown) = (Stopwatch.GetTimestamp(), Shown + 1);
            else
                Refused++;
        }

        internal void NoteSilence()
        {
            var silence = Stopwatch.GetElapsedTime(_shownAt);
            Silence = silence > Silence ? silence : Silence;
        }
    }
}
