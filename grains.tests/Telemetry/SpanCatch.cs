using System.Collections.Concurrent;
using System.Diagnostics;

namespace Grid.Tests.Telemetry;

/// <summary>Stands where a collector would: takes the grid's spans whose parent is recorded.</summary>
internal sealed class SpanCatch : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly SemaphoreSlim _came = new(0);
    private readonly ActivityListener _listener;

    internal SpanCatch()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.StartsWith("Grid.", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> creation) =>
                (creation.Parent.TraceFlags & ActivityTraceFlags.Recorded) != 0
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                _spans.Enqueue(span);
                _came.Release();
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans of a trace, once there are so many and the request's own is among them.</summary>
    internal async Task<Activity[]> OfAsync(ActivityTraceId trace, int count)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var found = _spans.Where(span => span.TraceId == trace).ToArray();
            if (found.Length >= count && found.Any(span => span.Source.Name == "Grid.Gateway"))
                return found;
            try
            {
                await _came.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(
                    $"Of {count} spans there are {found.Length}: {string.Join(", ", found.Select(span => span.DisplayName))}."
                );
            }
        }
    }

    /// <summary>The spans of a trace that have ended.</summary>
    internal IEnumerable<Activity> Now(ActivityTraceId trace) => _spans.Where(span => span.TraceId == trace);

    public void Dispose() => _listener.Dispose();
}
