using System.Collections.Concurrent;

namespace Grid.Tests.Http;

/// <summary>
/// A barrier between a grain and a test: the grain arrives at a gate and waits; the test sees the arrival and opens the
/// gate. The test chooses the name, so that it can be an argument of a call.
/// </summary>
internal static class Gates
{
    private static readonly ConcurrentDictionary<string, Gate> Known = new();

    internal static string New() => Guid.NewGuid().ToString();

    /// <summary>For the grain: arrives at the gate and waits until it is open.</summary>
    internal static Task Pass(string name)
    {
        var gate = Of(name);
        gate.Come();
        return gate.Opened;
    }

    /// <summary>For the test: waits for this number of arrivals.</summary>
    internal static Task Came(string name, int count = 1) => Of(name).Came(count);

    internal static int Count(string name) => Of(name).Count;

    internal static void Open(string name) => Of(name).Open();

    private static Gate Of(string name) => Known.GetOrAdd(name, static _ => new Gate());

    private sealed class Gate
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<(int Count, TaskCompletionSource Source)> _waiting = [];
        private int _count;

        internal Task Opened => _open.Task;

        internal int Count
        {
            get
            {
                lock (_waiting)
                {
                    return _count;
                }
            }
        }

        internal void Open() => _open.TrySetResult();

        internal void Come()
        {
            lock (_waiting)
            {
                _count++;
                foreach (var (_, source) in _waiting.Where(waiting => waiting.Count <= _count))
                {
                    source.TrySetResult();
                }
            }
        }

        internal Task Came(int count)
        {
            lock (_waiting)
            {
                var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_count >= count)
                {
                    source.SetResult();
                }
                else
                {
                    _waiting.Add((count, source));
                }

                return source.Task;
            }
        }
    }
}
