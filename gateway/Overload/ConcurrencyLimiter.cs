using System.Diagnostics.Metrics;
using Grid.Gateway.Metrics;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Overload;

/// <summary>
/// Limits the requests in flight to what is answered in time. A request without a slot waits up to
/// <see cref="OverloadOptions.MaxWait"/>, newest first, and is then refused.
/// </summary>
/// <remarks>
/// The limit follows Little's law: while requests wait, it is <see cref="OverloadOptions.LatencyTarget"/> × the best
/// rate of the last seconds; while none waits, it stays well above the requests in flight. The current rate would be
/// the wrong measure: with fewer requests admitted, silos and stores commit smaller groups and do less, so one slow
/// moment would cause the next. A request counts for at most 200 ms, so that calls which hang at a failed silo do not
/// take all slots. Anonymous requests do not move the limit, neither by waiting nor by their answers.
/// </remarks>
internal sealed class ConcurrencyLimiter : IDisposable
{
    /// <summary>How often the limit is adapted.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    /// <summary>How often expired waiters are refused; also the clock of request ages.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>Lower bound of the limit: group commit needs concurrency.</summary>
    internal const int MinLimit = 48;

    /// <summary>Lower bound of the slots that a class has to itself.</summary>
    internal const int MinReserved = 2;

    // A request counts for three to four ages: up to 200 ms.
    private static readonly TimeSpan Age = TimeSpan.FromMilliseconds(50);
    private const int CountedAges = 4;
    private const int Ages = 1024;

    // The weight of a window's rate in the average, and the decay of the best rate per window: half after 5 s.
    private const double RateWeight = 0.3;
    private const double BestRateKept = 0.986;

    // While no request waits, the limit is the best rate × this.
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(200);

    // Sixteenths of the limit reserved for each class, by RequestPriority. All but the anonymous share the other eight.
    private static readonly int[] ReservedSixteenths = [2, 4, 1, 1];
    private const int Classes = 4;

    private readonly OverloadOptions _options;
    private readonly TimeProvider _time;
    private readonly WaitingLine[] _waiting;
    private readonly int[][] _inFlight = [new int[Ages], new int[Ages], new int[Ages], new int[Ages]];
    private readonly long[] _refused = new long[Classes];
    private readonly long[] _answered = new long[Classes];
    private readonly ITimer _timer;
    private readonly long _startTicks;
    private int _age;
    private int _limit;
    private bool _wasFull;
    private (long Ticks, long Answered, long Refused) _last;
    private double _rate;
    private double _bestRate;
    private int _retryAfterSeconds = 1;

    public ConcurrencyLimiter(IOptions<OverloadOptions> options, IMeterFactory meters, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        _waiting = [.. Enumerable.Range(0, Classes).Select(_ => new WaitingLine(_options.MaxWaiting))];
        _limit = _options.Enabled ? _options.FreeInFlight : int.MaxValue;
        _startTicks = time.GetTimestamp();
        _last = (_startTicks, 0, 0);
        var meter = meters.Create(HotCounters.MeterName);
        meter.CreateObservableGauge(
            "grid.overload.limit",
            () => Limit,
            "{request}",
            "Limit of client requests in flight."
        );
        meter.CreateObservableGauge(
            "grid.overload.waiting",
            () => Each(priority => Waiting(priority)),
            "{request}",
            "Client requests that wait for a slot, by class."
        );
        meter.CreateObservableCounter(
            "grid.overload.refused",
            () => Each(Refused),
            "{request}",
            "Client requests refused for overload, by class."
        );
        _timer = time.CreateTimer(static limiter => ((ConcurrencyLimiter)limiter!).OnTick(), this, Tick, Tick);
    }

    /// <summary>The current limit of requests in flight.</summary>
    internal int Limit => Volatile.Read(ref _limit);

    internal int Waiting(RequestPriority priority) => _waiting[(int)priority].Count;

    internal long Refused(RequestPriority priority) => Volatile.Read(ref _refused[(int)priority]);

    /// <summary>Requests in flight that still count: up to 200 ms old.</summary>
    internal int InFlight(RequestPriority priority)
    {
        var ages = _inFlight[(int)priority];
        var age = Volatile.Read(ref _age);
        var sum = 0;
        for (var i = 0; i < CountedAges; i++)
            sum += Volatile.Read(ref ages[(age - i) & (Ages - 1)]);
        return sum;
    }

    /// <summary>Whether the class has a free slot: one of its own or a shared one.</summary>
    internal bool HasRoom(RequestPriority priority)
    {
        var limit = Limit;
        if (limit == int.MaxValue || InFlight(priority) < Reserved(priority, limit))
            return true;
        if (priority == RequestPriority.Anonymous)
            return false;
        var shared = limit;
        for (var other = RequestPriority.Results; other <= RequestPriority.Anonymous; other++)
        {
            var reserved = Reserved(other, limit);
            shared -= reserved;
            if (other != RequestPriority.Anonymous)
                shared -= Math.Max(0, InFlight(other) - reserved);
        }
        return shared > 0;
    }

    /// <summary>Takes a slot; null when none is free.</summary>
    internal OverloadSlot? TryEnter(RequestPriority priority) => HasRoom(priority) ? Enter(priority) : null;

    /// <summary>Waits for a slot; null when the request is refused.</summary>
    internal Task<OverloadSlot?> WaitAsync(RequestPriority priority)
    {
        // Anonymous requests wait for their own slots, which says nothing about the grid's load.
        if (priority != RequestPriority.Anonymous)
            Volatile.Write(ref _wasFull, true);
        var (place, refused) = _waiting[(int)priority].Add(_time.GetTimestamp());
        if (refused is not null)
            Refuse(refused, priority);
        return place;
    }

    /// <summary>Frees a slot: the newest waiter of the first class with room gets it.</summary>
    internal void Exit(OverloadSlot slot)
    {
        Interlocked.Decrement(ref _inFlight[(int)slot.Priority][slot.Age & (Ages - 1)]);
        if (!slot.AnsweredAtOnce)
            Interlocked.Increment(ref _answered[(int)slot.Priority]);
        AdmitWaiting();
    }

    /// <summary>Retry-After of a refusal: random between the current estimate and twice that.</summary>
    internal int RetryAfterSeconds()
    {
        var minimum = Volatile.Read(ref _retryAfterSeconds);
        return Math.Min((int)_options.MaxRetryAfter.TotalSeconds, Random.Shared.Next(minimum, 2 * minimum + 1));
    }

    public void Dispose() => _timer.Dispose();

    private static int Reserved(RequestPriority priority, int limit) =>
        Math.Max(MinReserved, limit * ReservedSixteenths[(int)priority] / 16);

    private OverloadSlot Enter(RequestPriority priority)
    {
        var age = Volatile.Read(ref _age);
        Interlocked.Increment(ref _inFlight[(int)priority][age & (Ages - 1)]);
        return new OverloadSlot(this, priority, age);
    }

    private void AdmitWaiting()
    {
        for (var priority = RequestPriority.Results; priority <= RequestPriority.Anonymous; priority++)
        {
            var line = _waiting[(int)priority];
            while (line.Count > 0 && HasRoom(priority) && line.TryTakeLast(out var next))
                next.SetResult(Enter(priority));
        }
    }

    private void Refuse(TaskCompletionSource<OverloadSlot?> place, RequestPriority priority)
    {
        Interlocked.Increment(ref _refused[(int)priority]);
        place.SetResult(null);
    }

    private void OnTick()
    {
        var now = _time.GetTimestamp();
        // Computed from the start, so that a late tick skips ages.
        Volatile.Write(ref _age, (int)((now - _startTicks) / ToTicks(Age)));
        for (var priority = RequestPriority.Results; priority <= RequestPriority.Anonymous; priority++)
        {
            while (_waiting[(int)priority].TryTakeFirst(now - ToTicks(_options.MaxWait), out var expired))
                Refuse(expired, priority);
        }
        if (now - _last.Ticks >= ToTicks(Window))
            Adapt(now);
        AdmitWaiting();
    }

    private void Adapt(long now)
    {
        var (answered, refused) = (CountKnown(_answered), CountKnown(_refused));
        var seconds = _time.GetElapsedTime(_last.Ticks, now).TotalSeconds;
        _rate += ((answered - _last.Answered) / seconds - _rate) * RateWeight;
        _bestRate = Math.Max(_rate, _bestRate * BestRateKept);
        if (_options.Enabled)
            Volatile.Write(ref _limit, LimitAfter(Limit, _bestRate, Volatile.Read(ref _wasFull), _options));
        var each = (refused - _last.Refused) / Math.Max(1.0, answered - _last.Answered);
        Volatile.Write(
            ref _retryAfterSeconds,
            (int)Math.Clamp(Math.Ceiling(each), 1, Math.Ceiling(_options.MaxRetryAfter.TotalSeconds / 2))
        );
        Volatile.Write(ref _wasFull, KnownWait());
        _last = (now, answered, refused);
    }

    /// <summary>The next limit.</summary>
    /// <param name="limit">The current limit.</param>
    /// <param name="rate">The best recent rate in requests per second, without those answered at once.</param>
    /// <param name="isFull">Whether a request had to wait.</param>
    /// <param name="options">The bounds.</param>
    internal static int LimitAfter(int limit, double rate, bool isFull, OverloadOptions options)
    {
        var room = isFull ? options.LatencyTarget : Slack;
        // Move at most to double, or down by a tenth, in one step: a new limit has to show its rate first.
        var next = Math.Clamp(rate * room.TotalSeconds, limit * 0.9, limit * 2.0);
        var minimum = isFull ? Math.Min(MinLimit, options.FreeInFlight) : options.FreeInFlight;
        return (int)Math.Clamp(next, minimum, options.MaxInFlight);
    }

    // Sums all classes except the anonymous.
    private static long CountKnown(long[] counts)
    {
        var sum = 0L;
        for (var i = 0; i < (int)RequestPriority.Anonymous; i++)
            sum += Volatile.Read(ref counts[i]);
        return sum;
    }

    private bool KnownWait() => _waiting.Take((int)RequestPriority.Anonymous).Any(static line => line.Count > 0);

    private static IEnumerable<Measurement<long>> Each(Func<RequestPriority, long> count) =>
        Enum.GetValues<RequestPriority>()
            .Select(priority => new Measurement<long>(
                count(priority),
                new KeyValuePair<string, object?>("class", priority.ToString().ToLowerInvariant())
            ));

    private long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
