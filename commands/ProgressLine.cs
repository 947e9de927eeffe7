using System.Globalization;

namespace Grid.Commands;

/// <summary>
/// Shows the progress of a long phase. On a terminal it overwrites one line; elsewhere it writes a line every five
/// seconds. A phase under one second shows nothing.
/// </summary>
/// <param name="output">The target; never standard output, which scripts read.</param>
/// <param name="time">The clock.</param>
/// <param name="isTerminal">Whether a line can be overwritten.</param>
public sealed class ProgressLine(TextWriter output, TimeProvider time, bool isTerminal)
{
    private const int BarWidth = 24;
    private const string ToStart = "\r";
    private const string ClearToEnd = "\e[K";
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TerminalPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LinePause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private string _what = "";
    private long? _total;
    private long _done;
    private long _startedAt;
    private long? _shownAt;

    /// <summary>A progress line on standard error.</summary>
    public static ProgressLine OfConsole(TimeProvider time) => new(Console.Error, time, !Console.IsErrorRedirected);

    /// <summary>Starts a phase.</summary>
    /// <param name="what">The counted things, such as <c>residents</c>.</param>
    /// <param name="total">Their number; null when unknown.</param>
    public void Begin(string what, long? total)
    {
        lock (_gate)
            Reset(what, total);
    }

    /// <summary>Counts steps of the phase.</summary>
    public void Add(long steps)
    {
        lock (_gate)
        {
            _done += steps;
            ShowWhenDue();
        }
    }

    /// <summary>Sets the progress of a phase that counts by itself. Another name ends the phase before it.</summary>
    public void Report(string what, long done, long total)
    {
        lock (_gate)
        {
            if (what != _what)
            {
                EndPhase();
                Reset(what, total);
            }
            _done = done;
            ShowWhenDue();
        }
    }

    /// <summary>Ends the phase.</summary>
    public void End()
    {
        lock (_gate)
            EndPhase();
    }

    private void Reset(string what, long? total)
    {
        (_what, _total, _done) = (what, total, 0);
        (_startedAt, _shownAt) = (time.GetTimestamp(), null);
    }

    private void ShowWhenDue()
    {
        var isDue = _shownAt is { } shownAt
            ? time.GetElapsedTime(shownAt) >= (isTerminal ? TerminalPause : LinePause)
            : time.GetElapsedTime(_startedAt) >= QuietTime;
        if (!isDue)
            return;
        _shownAt = time.GetTimestamp();
        Write(Text(time.GetElapsedTime(_startedAt).TotalSeconds), isLast: false);
    }

    private void EndPhase()
    {
        if (_shownAt is null)
            return;
        var seconds = time.GetElapsedTime(_startedAt).TotalSeconds;
        Write(string.Create(CultureInfo.InvariantCulture, $"{_what}: {_done:#,0} in {seconds:0.0} s"), isLast: true);
        _shownAt = null;
    }

    private void Write(string text, bool isLast)
    {
        if (!isTerminal)
            output.WriteLine(text);
        else if (isLast)
            output.WriteLine($"{ToStart}{text}{ClearToEnd}");
        else
            output.Write($"{ToStart}{text}{ClearToEnd}");
        output.Flush();
    }

    private string Text(double seconds)
    {
        var rate = _done / Math.Max(0.001, seconds);
        if (_total is not > 0)
            return string.Create(CultureInfo.InvariantCulture, $"{_what}: {_done:#,0}, {rate:#,0}/s");
        var share = Math.Min(1, _done / (double)_total.Value);
        var left = rate > 0 ? (_total.Value - _done) / rate : 0;
        var bar = isTerminal ? $" [{new string('#', (int)(share * BarWidth)).PadRight(BarWidth, '.')}]" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_what}:{bar} {share:0 %}, {_done:#,0} of {_total.Value:#,0}, {rate:#,0}/s, {left:0} s left"
        );
    }
}
