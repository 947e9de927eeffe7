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
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_interruption = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _http;
    private readonly Person[] _people;
    private readonly Task _looking;
    private volatile bool _isStopped;

    internal DisplayWatch(HttpClient http, ClusterLoad load, IEnumerable<ClusterLoad.Begun> people)
    {
        _http = http;
        _people = [.. people.Select(person => new Person(load, person.ResidentId))];
        _looking = Task.WhenAll(_people.Select(person => Task.Run(() => LookAsync(person))));
    }

    /// <summary>The longest that somebody was without an answer that showed his code.</summary>
    internal TimeSpan Silence => _people.Max(static person => person.Silence);

    /// <summary>When the longest of it began, from the begin of the watch on.</summary>
    internal TimeSpan SilentFrom => _people.MaxBy(static person => person.Silence)!.SilentFrom;

    /// <summary>The longest that a request took, answered or refused.</summary>
    internal TimeSpan Slowest => _people.Max(static person => person.Slowest);

    /// <summary>Who was without an answer for more than half a second.</summary>
    internal int Interrupted => _people.Count(static person => person.Silence > s_interruption);

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
            using var request = person.Display();
            var from = Stopwatch.GetTimestamp();
            using var answer = await _http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            person.Note(answer.IsSuccessStatusCode, Stopwatch.GetElapsedTime(from));
            if (answer.IsSuccessStatusCode)
                Assert.False(mustBeRed && ColourOf(body) != "red", $"Shown after the positive result was acknowledged, at {_http.BaseAddress}: {body}");
            else
                Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null, $"{answer.StatusCode} {body}");
            await Task.Delay(s_pause);
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
        private readonly long _since = Stopwatch.GetTimestamp();
        private long _shownAt = Stopwatch.GetTimestamp();
        private volatile bool _mustBeRed;

        internal string Id => id;

        internal bool MustBeRed { get => _mustBeRed; set => _mustBeRed = value; }

        internal TimeSpan Silence { get; private set; }

        internal TimeSpan SilentFrom { get; private set; }

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
            if (silence > Silence)
                (Silence, SilentFrom) = (silence, Stopwatch.GetElapsedTime(_since, _shownAt));
        }
    }
}
