namespace Grid.Engine.Runtime;

/// <summary>
/// Ends calls that take too long. One timer turns a wheel of buckets; a call lies in the bucket of the step at which it is
/// to be looked at, so that adding and removing one is a few instructions, whatever their number.
/// </summary>
internal sealed class CallClock : IDisposable
{
    private const int Buckets = 1024;

    private readonly Bucket[] _buckets = new Bucket[Buckets];
    private readonly TimeProvider _time;
    private readonly TimeSpan _step;
    private readonly long _origin;
    private ITimer? _timer;
    private int _turning;
    private int _done;
    private int _now;

    internal CallClock(TimeProvider time, TimeSpan step)
    {
        _time = time;
        _step = step;
        _origin = time.GetTimestamp();
        for (var i = 0; i < Buckets; i++)
        {
            _buckets[i] = new Bucket();
        }
    }

    /// <summary>Raised once for each turn of the wheel that did something, with the step that it is now.</summary>
    internal event Action<int>? Stepped;

    /// <summary>Steps since the engine was made; 1 at the start, so that 0 means never.</summary>
    internal int Now => _now + 1;

    /// <summary>Calls that wait for their answer, as nearly as can be said while they come and go.</summary>
    internal int Pending => _buckets.Sum(static bucket => Volatile.Read(ref bucket.Count));

    public void Dispose() => _timer?.Dispose();

    internal void Start() => _timer ??= _time.CreateTimer(static clock => ((CallClock)clock!).Turn(), this, _step, _step);

    /// <summary>How many steps a span takes, rounded up.</summary>
    internal int StepsIn(TimeSpan span) => (int)Math.Min(int.MaxValue / 2, (span.Ticks + _step.Ticks - 1) / _step.Ticks);

    /// <summary>How long a number of steps takes.</summary>
    internal TimeSpan SpanOf(int steps) => _step * steps;

    internal void Add(PendingCall call, int due)
    {
        // One step more: the present one has begun already.
        var slot = (due + 1) & (Buckets - 1);
        var bucket = _buckets[slot];
        lock (bucket)
        {
            call.ClockDue = due;
            call.ClockSlot = slot;
            call.ClockPrevious = null;
            call.ClockNext = bucket.First;
            if (bucket.First is { } first)
            {
                first.ClockPrevious = call;
            }

            bucket.First = call;
            bucket.Count++;
        }
    }

    internal void Remove(PendingCall call)
    {
        var slot = call.ClockSlot;
        if (slot == PendingCall.NoClockSlot)
        {
            return;
        }

        var bucket = _buckets[slot];
        lock (bucket)
        {
            if (call.ClockSlot == slot)
            {
                bucket.Unlink(call);
            }
        }
    }

    /// <summary>Nobody will look at the calls any more: those that are left end now.</summary>
    internal void Stop()
    {
        Dispose();
        foreach (var bucket in _buckets)
        {
            EndAll(bucket);
        }
    }

    private static void EndAll(Bucket bucket)
    {
        PendingCall? left = null;
        lock (bucket)
        {
            while (bucket.First is { } call)
            {
                bucket.Unlink(call);
                call.Hold();
                call.ClockNext = left;
                left = call;
            }
        }

        while (left is { } call)
        {
            (left, call.ClockNext) = (call.ClockNext, null);
            call.EndAtShutdown();
            call.Release();
        }
    }

    private void Turn()
    {
        if (Interlocked.Exchange(ref _turning, 1) != 0)
        {
            return;
        }

        try
        {
            var now = (int)(_time.GetElapsedTime(_origin).Ticks / _step.Ticks);
            if (now <= _done)
            {
                return;
            }

            Volatile.Write(ref _now, now);
            var first = Math.Max(_done + 1, now - Buckets + 1);
            for (var step = first; step <= now; step++)
            {
                Visit(_buckets[(step + 1) & (Buckets - 1)], step);
            }

            _done = now;
            Stepped?.Invoke(Now);
        }
        finally
        {
            Volatile.Write(ref _turning, 0);
        }
    }

    private void Visit(Bucket bucket, int step)
    {
        PendingCall? due = null;
        lock (bucket)
        {
            for (var call = bucket.First; call is not null;)
            {
                var next = call.ClockNext;
                if (call.ClockDue <= step)
                {
                    // Held, so that it can't end and become another call before it has been looked at.
                    bucket.Unlink(call);
                    call.Hold();
                    call.ClockNext = due;
                    due = call;
                }

                call = next;
            }
        }

        while (due is not null)
        {
            var call = due;
            due = call.ClockNext;
            call.ClockNext = null;
            var again = call.OnClock(Now);
            if (again > 0)
            {
                Add(call, again);
                Interlocked.MemoryBarrier();
                if (call.IsSettled)
                {
                    // It ended in between and did not find itself here.
                    Remove(call);
                }
            }

            call.Release();
        }
    }

    private sealed class Bucket
    {
        internal PendingCall? First;
        internal int Count;

        internal void Unlink(PendingCall call)
        {
            if (call.ClockPrevious is { } previous)
            {
                previous.ClockNext = call.ClockNext;
            }
            else
            {
                First = call.ClockNext;
            }

            if (call.ClockNext is { } next)
            {
                next.ClockPrevious = call.ClockPrevious;
            }

            Count--;
            call.ClockPrevious = null;
            call.ClockNext = null;
            call.ClockSlot = PendingCall.NoClockSlot;
        }
    }
}
