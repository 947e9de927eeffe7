using Grid.Engine.Runtime;

namespace Grid.Engine.Hosting;

/// <summary>
/// Bounds the calls that one piece of work makes of grains from outside them, one after the other, by the time-out of a single one: the
/// next call gets what the former have left. A method with a <see cref="ResponseTimeoutAttribute"/> keeps that.
/// </summary>
public sealed class CallLimits
{
    private readonly AsyncLocal<Limit?> _current = new();
    private readonly CallClock _clock;
    private readonly int _steps;

    internal CallLimits(CallClock clock, int steps) => (_clock, _steps) = (clock, steps);

    /// <summary>The engine's time, in steps of its clock (<see cref="EngineOptions.ClockStep"/>).</summary>
    public int Now => _clock.Now;

    /// <summary>Bounds the calls of this flow, and of those that it begins, until the limit is disposed.</summary>
    /// <param name="began">When the work began: an earlier <see cref="Now"/>.</param>
    public IDisposable Since(int began)
    {
        var limit = new Limit { Deadline = began + _steps };
        _current.Value = limit;
        return limit;
    }

    /// <summary>How many steps a call of this flow may take that begins now.</summary>
    internal int StepsLeft() => _current.Value is { } limit ? Math.Clamp(limit.Deadline - _clock.Now, 0, _steps) : _steps;

    // Work that was begun meanwhile and goes on afterwards, such as a timer, still has it, and is no longer bound.
    private sealed class Limit : IDisposable
    {
        private volatile int _deadline;

        internal int Deadline
        {
            get => _deadline;
            init => _deadline = value;
        }

        public void Dispose() => _deadline = int.MaxValue;
    }
}
