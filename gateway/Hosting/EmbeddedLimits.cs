using Grid.Engine.Hosting;

namespace Grid.Gateway.Hosting;

/// <summary>Bounds all calls that a request makes of grains, together. <c>OrleansLimits</c> stands in its place in the other build.</summary>
internal sealed class RequestLimits(CallLimits limits)
{
    // What has not taken so long yet is left alone: a limit costs more than a call.
    private const int SlowSteps = 2;

    /// <summary>The time, for <see cref="AfterFirst"/>.</summary>
    internal int Now => limits.Now;

    /// <summary>A request begins.</summary>
    internal IDisposable Begin() => limits.Since(limits.Now);

    /// <summary>A request goes on after its first call.</summary>
    /// <param name="began"><see cref="Now"/> before the call.</param>
    internal IDisposable? AfterFirst(int began) => limits.Now - began > SlowSteps ? limits.Since(began) : null;
}
