namespace Grid.Gateway.Hosting;

/// <summary>
/// On Orleans each call has its time-out (<c>Grid:Silo:ResponseTimeout</c>), and a request that makes several may take as many.
/// <c>EmbeddedLimits</c> stands in its place in the default build.
/// </summary>
internal sealed class RequestLimits
{
    /// <summary>Not used here.</summary>
    internal int Now => 0;

    /// <summary>A request begins.</summary>
    internal IDisposable? Begin() => null;

    /// <summary>A request goes on after its first call.</summary>
    internal IDisposable? AfterFirst(int began) => null;
}
