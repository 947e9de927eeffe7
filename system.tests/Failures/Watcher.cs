using System.Diagnostics;
using System.Net;

namespace Grid.Tests.Failures;

/// <summary>
/// Polls one resident's code through one entrance, so that no resident waits for another. It compares each answer with
/// what was acknowledged, or seen by any watcher, before the request.
/// </summary>
internal sealed class Watcher(Resident resident, Entrance entrance, Action<string> remark)
{
    private static readonly HttpStatusCode[] Ok = [HttpStatusCode.OK];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private long _shownAt = Stopwatch.GetTimestamp();
    private long? _refusedAt;
    private TimeSpan _silence;
    private int _old;

    internal Resident Resident => resident;

    internal Entrance Entrance => entrance;

    /// <summary>The longest time between two answers that showed the code.</summary>
    internal TimeSpan Silence
    {
        get
        {
            lock (_lock)
                return EntranceFigures.Longer(_silence, Stopwatch.GetElapsedTime(_shownAt));
        }
    }

    /// <summary>
    /// Answers that lacked an acknowledged or seen fact, or whose colour does not follow from their facts.
    /// </summary>
    internal int Old
    {
        get
        {
            lock (_lock)
                return _old;
        }
    }

    internal bool ShownSince(long moment)
    {
        lock (_lock)
            return _shownAt > moment;
    }

    /// <summary>Resets the longest silence after the warm-up.</summary>
    internal void Restart()
    {
        lock (_lock)
            _silence = TimeSpan.Zero;
    }

    internal async Task WatchAsync(Func<HttpRequestMessage> make, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !entrance.IsGone)
        {
            var floor = resident.Floor;
            var (reply, body) = await entrance.AskAsync(make(), isCommand: false, Ok, stop);
            if (reply == Reply.Done)
                NoteShown(floor, body);
            else
                _refusedAt ??= Stopwatch.GetTimestamp();
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private void NoteShown(int floor, string display)
    {
        var facts = resident.FactsIn(display, out var isColourRight);
        resident.Raise(facts);
        if (_refusedAt is { } since)
            entrance.NoteRefusedFor(isCommand: false, Stopwatch.GetElapsedTime(since));
        _refusedAt = null;
        lock (_lock)
        {
            _silence = EntranceFigures.Longer(_silence, Stopwatch.GetElapsedTime(_shownAt));
            _shownAt = Stopwatch.GetTimestamp();
            if (facts >= floor && isColourRight)
                return;
            _old++;
        }

        var colour = isColourRight ? "" : ", and a colour that does not follow from them";
        remark(
            $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} resident {resident.Number}: {entrance.Name} shows {facts} "
                + $"facts where {floor} were known{colour}"
        );
    }
}
