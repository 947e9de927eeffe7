namespace Grid.Tests.Simulation;

/// <summary>The clock of a process and its timers.</summary>
internal sealed class SimClock(SimProcess process) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => process.Local;

    public override DateTimeOffset GetUtcNow() => new(process.Wall, TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Alarm(process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Alarm(SimProcess process, TimerCallback callback, object? state) : ITimer
    {
        // Timers fire late, never early.
        private const double MaxLateMs = 1;

        private Setting? _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _setting = null;
            if (dueTime >= TimeSpan.Zero)
                Set(new Setting(this, process.Local + dueTime.Ticks, period > TimeSpan.Zero ? period.Ticks : 0));
            return true;
        }

        public void Dispose() => _setting = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(Setting setting)
        {
            _setting = setting;
            var world = process.World;
            world.After(process.Until(setting.Due) + world.Schedule.Ticks(0, MaxLateMs), process, RingTimer, setting);
        }

        private static readonly Action<object?> RingTimer = static setting => ((Setting)setting!).Ring();

        private void Ring(Setting setting)
        {
            if (!ReferenceEquals(_setting, setting))
                return;
            if (process.Local < setting.Due)
            {
                // The clock stood still in the meantime.
                Set(setting);
                return;
            }

            _setting = null;
            if (setting.Period > 0)
                Set(new Setting(this, Math.Max(process.Local, setting.Due + setting.Period), setting.Period));
            callback(state);
        }

        private sealed class Setting(Alarm alarm, long due, long period)
        {
            internal long Due { get; } = due;

            internal long Period { get; } = period;

            internal void Ring() => alarm.Ring(this);
        }
    }
}
