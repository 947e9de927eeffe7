namespace Grid.Silo.Cluster;

/// <summary>
/// Lets one unit after the other do what is heavy: a silo that starts takes dozens of units over at once, and all of them
/// together would take every connection and thread from the calls.
/// </summary>
internal sealed class UnitTurns
{
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Runs the work when its turn has come, unless the unit was given up meanwhile.</summary>
    internal async Task RunAsync(Func<Task> work, CancellationToken owned)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_lock)
        {
            before = _last;
            _last = end.Task;
        }

        try
        {
            await before;
            if (!owned.IsCancellationRequested)
                await work();
        }
        finally
        {
            end.SetResult();
        }
    }
}
