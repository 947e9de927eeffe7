using System.Diagnostics.Metrics;
using Grid.Gateway.Metrics;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Overload;

/// <summary>
/// Lets in as many calls of clients as are answered in time, and keeps the rest waiting for a moment before they are
/// refused. A request that is answered on the thread it came on is never counted; it costs one comparison here.
/// </summary>
/// <remarks>
/// The limit follows Little's law: while somebody waits, it is what is answered in <see cref="AdmissionOptions.LatencyTarget"/>
/// at the best rate of the last seconds; while nobody does, it stays well above what is under way. Not at the present rate:
/// the fewer are let in, the less the silos and the store do at once, and the less of it they get done in the same time. A
/// moment of few answers would be the cause of the next. Requests count only while they are young, so that calls which hang
/// at a silo that failed don't take the places of all others.
/// </remarks>
internal sealed class AdmissionControl : IDisposable
{
    /// <summary>How often the limit is looked at.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    /// <summary>How often those who waited too long are looked for, and the clock by which requests grow old.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    // A request counts for three to four ages: up to 200 ms.
    private static readonly TimeSpan Age = TimeSpan.FromMilliseconds(50);
    private const int AgesCounted = 4;
    private const int Ages = 1024;

    // How much of a window's rate is believed, and how much of the best one is left after each window: half after five seconds.
    private const double NewPart = 0.3;
    private const double Memory = 0.986;

    // While nobody waits: room for what comes in so long at that rate.
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(150);

    private readonly AdmissionOptions _options;
    private readonly TimeProvider _time;
    private readonly WaitingLine _waiting;
    private readonly ITimer _timer;
    private readonly int[] _young = new int[Ages];
    private readonly long _startTicks;
    private int _age;
    private int _limit;
    private long _answered;
    private long _refused;
    private bool _wasFull;
    private (long Ticks, long Answered, long Refused) _last;
    private double _rate;
    private double _bestRate;
    private int _retryAfterSeconds = 1;

    public AdmissionControl(IOptions<AdmissionOptions> options, IMeterFactory meters, TimeProvider time)
    {
        var meter = meters.Create(HotCounters.MeterName);
        meter.CreateObservableGauge("grid.admission.limit", () => Limit, "{request}", "Calls of clients under way that are let in at present.");
        meter.CreateObservableGauge("grid.admission.waiting", () => Waiting, "{request}", "Calls of clients that wait to be let in.");
        meter.CreateObservableCounter("grid.admission.refused", () => Refused, "{request}", "Calls of clients refused because there were too many.");
        _options = options.Value;
        _time = time;
        _waiting = new WaitingLine(_options.WaitingMax);
        _limit = _options.Enabled ? _options.InFlightFree : int.MaxValue;
        _startTicks = time.GetTimestamp();
        _last = (_startTicks, 0, 0);
        _timer = time.CreateTimer(static control => ((AdmissionControl)control!).OnTick(), this, Tick, Tick);
    }

    /// <summary>Whether a request has to wait now.</summary>
    internal bool IsFull => Young >= Volatile.Read(ref _limit);

    /// <summary>Requests under way that are let in at present.</summary>
    internal int Limit => Volatile.Read(ref _limit);

    internal int Waiting => _waiting.Count;

    internal long Refused => Volatile.Read(ref _refused);

    /// <summary>Requests under way that are young enough to count.</summary>
    internal int Young
    {
        get
        {
            var age = Volatile.Read(ref _age);
            var sum = 0;
            for (var i = 0; i < AgesCounted; i++)
                sum += Volatile.Read(ref _young[(age - i) & (Ages - 1)]);
            return sum;
        }
    }

    /// <summary>A request is under way that could not be answered at once.</summary>
    /// <returns>What <see cref="Ended"/> is to be told.</returns>
    internal int Began()
    {
        var age = Volatile.Read(ref _age);
        Interlocked.Increment(ref _young[age & (Ages - 1)]);
        return age;
    }

    /// <summary>A request is answered: who came last of those that wait is let in.</summary>
    internal void Ended(int age)
    {
        Interlocked.Decrement(ref _young[age & (Ages - 1)]);
        Interlocked.Increment(ref _answered);
        if (_waiting.Count > 0)
            LetIn();
    }

    /// <summary>Waits to be let in.</summary>
    /// <returns>The place, for <see cref="Ended"/>; null when the request is refused.</returns>
    internal Task<int?> WaitAsync()
    {
        Volatile.Write(ref _wasFull, true);
        var (place, refused) = _waiting.Add(_time.GetTimestamp());
        if (refused is not null)
            Refuse(refused);
        return place;
    }

    /// <summary>How long a refused caller is asked to stay away: at random from the present estimate to twice that.</summary>
    internal int RetryAfterSeconds()
    {
        var least = Volatile.Read(ref _retryAfterSeconds);
        return Math.Min((int)_options.RetryAfterMax.TotalSeconds, Random.Shared.Next(least, 2 * least + 1));
    }

    private void LetIn()
    {
        while (!IsFull && _waiting.TryTakeLast(out var next))
            next.SetResult(Began());
    }

    private void Refuse(TaskCompletionSource<int?> place)
    {
        Interlocked.Increment(ref _refused);
        place.SetResult(null);
    }

    private void OnTick()
    {
        var now = _time.GetTimestamp();
        GrowOld(now);
        while (_waiting.TryTakeFirst(now - ToTicks(_options.WaitMax), out var late))
            Refuse(late);
        if (now - _last.Ticks >= ToTicks(Window))
            Adapt(now);
        LetIn();
    }

    // Ages are counted from the start, so that a late tick skips some.
    private void GrowOld(long now)
    {
        var age = (int)((now - _startTicks) / ToTicks(Age));
        Volatile.Write(ref _age, age);
    }

    private void Adapt(long now)
    {
        var (answered, refused) = (Volatile.Read(ref _answered), Volatile.Read(ref _refused));
        var seconds = _time.GetElapsedTime(_last.Ticks, now).TotalSeconds;
        _rate += ((answered - _last.Answered) / seconds - _rate) * NewPart;
        _bestRate = Math.Max(_rate, _bestRate * Memory);
        if (_options.Enabled)
            Volatile.Write(ref _limit, LimitAfter(Limit, _bestRate, Volatile.Read(ref _wasFull), _options));
        var each = (refused - _last.Refused) / Math.Max(1.0, answered - _last.Answered);
        Volatile.Write(ref _retryAfterSeconds, (int)Math.Clamp(Math.Ceiling(each), 1, Math.Ceiling(_options.RetryAfterMax.TotalSeconds / 2)));
        Volatile.Write(ref _wasFull, _waiting.Count > 0);
        _last = (now, answered, refused);
    }

    /// <summary>The next limit.</summary>
    /// <param name="limit">The present one.</param>
    /// <param name="rate">The most requests answered a second of late, those aside that were answered at once.</param>
    /// <param name="isFull">Whether somebody had to wait.</param>
    internal static int LimitAfter(int limit, double rate, bool isFull, AdmissionOptions options)
    {
        var room = isFull ? options.LatencyTarget : Slack;
        // Double or a tenth less in one step at the most: what is new has to show its rate first.
        var next = Math.Clamp(rate * room.TotalSeconds, limit * 0.9, limit * 2.0);
        var least = isFull ? Math.Min(LimitMin, options.InFlightFree) : options.InFlightFree;
        return (int)Math.Clamp(next, least, options.InFlightMax);
    }

    /// <summary>However slow the answers, so many are under way: a store that commits in groups needs company.</summary>
    internal const int LimitMin = 32;

    private long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    public void Dispose() => _timer.Dispose();
}
