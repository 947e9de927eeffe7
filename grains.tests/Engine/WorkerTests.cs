using System.Collections.Concurrent;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>Stateless workers and call filters.</summary>
public sealed class WorkerTests
{
    [Fact]
    public async Task A_stateless_worker_serves_as_many_calls_at_once_as_it_may()
    {
        await using var silo = await StartAsync();
        var worker = silo.Fresh<IWorkerGrain>();
        var (first, last) = (Gates.New(), Gates.New());
        var working = new[] { worker.Work(first), worker.Work(first) };
        await Within(Gates.Came(first, 2), "two at work");
        var waiting = worker.Work(last);
        Assert.Equal(0, Gates.Count(last));
        Gates.Open(first);
        await Within(Task.WhenAll(working), "two end");
        await Within(Gates.Came(last), "third at work");
        Gates.Open(last);
        await Within(waiting, "third ends");
    }

    [Fact]
    public async Task Filters_see_each_call_and_may_change_its_result_or_refuse_it()
    {
        var filter = new NotingFilter();
        await using var silo = await StartAsync(setup => setup.Services = services => services.AddSingleton<IIncomingGrainCallFilter>(filter));
        var grain = silo.Fresh<ITurnGrain>();
        Assert.Equal(101, await Within(grain.WriteAtOnce().AsTask(), "changed call"));
        Assert.Equal(1, await Within(grain.Count().AsTask(), "call as it is"));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Within(grain.CountSlowly(), "refused call"));
        Assert.Equal(["WriteAtOnce", "Count", "CountSlowly"], filter.Seen);
        Assert.Equal(1, await grain.Count());
    }

    [Fact]
    public async Task A_grain_may_filter_its_own_calls()
    {
        await using var silo = await StartAsync();
        var grain = silo.Fresh<IFilteringGrain>();
        Assert.Equal(14, await Within(grain.Twice(7), "call"));
        await Within(grain.Nothing().AsTask(), "call without a result");
    }

    private sealed class NotingFilter : IIncomingGrainCallFilter
    {
        internal ConcurrentQueue<string> Seen { get; } = new();

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.Grain is not TurnGrain)
            {
                // The engine's own.
                await context.Invoke();
                return;
            }

            Seen.Enqueue(context.MethodName);
            Assert.Equal(context.MethodName, context.InterfaceMethod.Name);
            Assert.Equal(typeof(TurnGrain), context.ImplementationMethod.DeclaringType);
            Assert.Equal(context.TargetId, context.TargetContext.GrainId);
            Assert.NotEqual(context.TargetId, context.SourceId);
            if (context.MethodName == nameof(ITurnGrain.CountSlowly))
            {
                throw new UnauthorizedAccessException();
            }

            await context.Invoke();
            if (context.MethodName == nameof(ITurnGrain.WriteAtOnce))
            {
                context.Result = (int)context.Result! + 100;
            }
        }
    }
}
