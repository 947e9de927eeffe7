using System.Reflection;

namespace Grid.Tests.Simulation;

/// <summary>
/// The scheduler of a process or an activation. Each queued item becomes an event of the world: the seed decides when
/// it runs. An activation runs its turns one at a time, in order; a process runs them in any order, like a thread pool.
/// </summary>
/// <param name="process">The process of the turns.</param>
/// <param name="context">The activation; null for the process itself.</param>
internal sealed class SimTurns(SimProcess process, IGrainContext? context = null) : TaskScheduler
{
    private delegate void SetContext(IGrainContext? context, out IGrainContext? former);

    // Read by Orleans' grain constructor and storage facet. It has no public setter.
    private static readonly SetContext SetExecutionContext = typeof(Grain)
        .Assembly.GetType("Orleans.Runtime.RuntimeContext", throwOnError: true)!
        .GetMethod("SetExecutionContext", BindingFlags.Static | BindingFlags.NonPublic)!
        .CreateDelegate<SetContext>();

    [ThreadStatic]
    private static IGrainContext? _context;

    private readonly Queue<Task>? _ordered = context is null ? null : new Queue<Task>();
    private bool _isScheduled;
    private int _running;

    /// <summary>The activation of the current turn; null outside of turns.</summary>
    internal static IGrainContext? Context => _context;

    /// <summary>Runs an action now, as a turn of this scheduler.</summary>
    internal void Run(Action<object?> action, object? state)
    {
        var task = new Task(action, state);
        Enter(() => task.RunSynchronously(this));
        if (task.IsFaulted)
            throw task.Exception!.InnerException!;
    }

    /// <summary>Queues an action as a turn of this scheduler.</summary>
    internal void Post(Action action) =>
        Post(() =>
        {
            action();
            return Task.CompletedTask;
        });

    /// <summary>Starts an async method as a turn of this scheduler. Its failure fails the run.</summary>
    internal void Post(Func<Task> work) => new Task(() => _ = GuardAsync(work)).Start(this);

    private async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            process.World.Fail($"{process.Name} died of an exception that nobody caught: {exception}");
        }
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        if (!process.World.IsHere())
            return;
        if (_ordered is null)
        {
            process.World.After(process.Jitter(), process, new Turn(this, task), null);
            return;
        }

        _ordered.Enqueue(task);
        Schedule();
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        _running > 0 && !taskWasPreviouslyQueued && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private void Schedule()
    {
        if (_isScheduled)
            return;
        _isScheduled = true;
        process.World.After(process.Jitter(), process, new Turn(this, null), null);
    }

    private void Execute(Task? task)
    {
        if (task is not null)
        {
            Enter(() => TryExecuteTask(task));
            return;
        }

        _isScheduled = false;
        var next = _ordered!.Dequeue();
        if (_ordered.Count > 0)
            Schedule();
        Enter(() => TryExecuteTask(next));
    }

    private void Enter(Action work)
    {
        SetExecutionContext(context, out var former);
        _context = context;
        _running++;
        try
        {
            work();
        }
        finally
        {
            _running--;
            _context = former;
            SetExecutionContext(former, out _);
        }
    }

    private sealed class Turn(SimTurns turns, Task? task) : IThreadPoolWorkItem
    {
        public void Execute() => turns.Execute(task);
    }
}
