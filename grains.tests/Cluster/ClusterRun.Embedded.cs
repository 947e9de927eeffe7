using System.Diagnostics;
using Grid.Engine.Cluster;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>The processes of a test's cluster; they end with it.</summary>
public abstract class ClusterRun : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pollPause = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly List<ClusterProcess> _processes = [];

    private protected string Folder => _folder.Path;

    private protected IReadOnlyList<ClusterProcess> Processes => _processes;

    /// <summary>The last that each of them said.</summary>
    private protected string Said() => string.Join("\n---\n", _processes.Select(static process => process.Said));

    public void Dispose()
    {
        _processes.ForEach(static process => process.Dispose());
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected ClusterProcess Add(ClusterProcess process)
    {
        _processes.Add(process);
        return process;
    }

    private protected async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(waited.Elapsed < s_patience, $"Not within {s_patience}: {what}.\n{Said()}");
            await Task.Delay(s_pollPause);
        }
    }

    private protected static int UnitsOf(ClusterView? view, string name) => view is null ? 0
        : Enumerable.Range(0, view.Units.Length).Count(unit => view.OwnerOf(unit)?.Id.Name == name);
}
