using System.Collections.Concurrent;
using System.Diagnostics;

namespace Grid.Tests.Telemetry;

/// <summary>Collects the grid's spans whose parent is recorded, in place of a collector.</summary>
internal sealed class SpanCatch : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly SemaphoreSlim _arrived = new(0);
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
                _arrived.Release();
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Waits for this many spans of a trace, including the request's, and returns them.</summary>
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
                await _arrived.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(
                    $"{found.Length} of {count} spans arrived: "
                        + $"{string.Join(", ", found.Select(span => span.DisplayName))}."
                );
            }
        }
    }

    /// <summary>The ended spans of a trace.</summary>
    internal IEnumerable<Activity> Now(ActivityTraceId trace) => _spans.Where(span => span.TraceId == trace);

    public void Dispose() => _listener.Dispose();
}
