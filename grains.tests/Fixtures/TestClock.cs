using Microsoft.Extensions.Time.Testing;

namespace Grid.Tests.Fixtures;

/// <summary>A fake clock that also counts its timers. It starts at <see cref="UsualStart"/> by default.</summary>
internal sealed class TestClock(DateTimeOffset? start = null) : FakeTimeProvider(start ?? UsualStart)
{
    /// <summary>The default start time.</summary>
    internal static readonly DateTimeOffset UsualStart = new(2026, 1, 4, 9, 0, 0, TimeSpan.Zero);

    private int _pending;

    /// <summary>Timers that are not disposed yet.</summary>
    internal int Pending => Volatile.Read(ref _pending);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _pending);
        return new Counted(this, base.CreateTimer(callback, state, dueTime, period));
    }

    private sealed class Counted(TestClock clock, ITimer timer) : ITimer
    {
        private int _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                Interlocked.Decrement(ref clock._pending);
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
