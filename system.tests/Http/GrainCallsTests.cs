using Grid.Gateway.Calls;
using Grid.Gateway.Hosting;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.TestingHost;

namespace Grid.Tests.Http;

/// <summary>The gateway's own layer around its grain calls, on a silo and an Orleans client.</summary>
public sealed class GrainCallsTests : IAsyncLifetime
{
    private static readonly TimeSpan Life = new GatewayOptions().CallDeadline;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestClock _clock = new(TimeProvider.System.GetUtcNow());
    private readonly Failing _failing = new();
    private InProcessTestCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo(
            (_, silo) =>
            {
                silo.Services.AddSingleton<IIncomingGrainCallFilter>(_failing);
                silo.Services.AddSingleton<IOutgoingGrainCallFilter>(
                    new GrainCalls(Options.Create(new GatewayOptions()), _clock)
                );
            }
        );
        builder.ConfigureClient(client =>
            client.Services.AddSingleton<IOutgoingGrainCallFilter>(
                new GrainCalls(Options.Create(new GatewayOptions()), _clock)
            )
        );
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task All_calls_of_a_request_end_at_its_deadline()
    {
        var (grain, hanging, late) = (Grain(), Gates.New(), Gates.New());
        RequestDeadline.Start(_clock, Life);
        Assert.Equal(1, await grain.WriteAtOnce());
        _clock.Advance(Life * 0.9);
        var call = grain.Write(hanging);
        await Gates.Came(hanging).WaitAsync(Patience);
        Assert.False(call.IsCompleted);

        _clock.Advance(Life * 0.2);

        await Assert.ThrowsAsync<TimeoutException>(() => call.WaitAsync(Patience));
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Peek(late).WaitAsync(Patience));
        Assert.Equal(0, Gates.Count(late));
        Gates.Open(hanging);
    }

    [Fact]
    public async Task A_call_outside_of_a_request_has_only_the_grids_timeout()
    {
        var (grain, hanging) = (Grain(), Gates.New());
        var call = grain.Write(hanging);
        await Gates.Came(hanging).WaitAsync(Patience);

        _clock.Advance(Life * 2);

        Assert.False(call.IsCompleted);
        Gates.Open(hanging);
        await call.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_read_is_retried_while_its_silo_is_down_and_a_change_is_not()
    {
        var grain = Grain();
        _failing.Times = 2;
        Assert.Equal(0, await WhileTimePassesAsync(grain.Count().AsTask()));
        Assert.Equal(3, _failing.Calls);

        (_failing.Times, _failing.Calls) = (1, 0);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => WhileTimePassesAsync(grain.WriteAtOnce().AsTask()));
        Assert.Equal(1, _failing.Calls);
    }

    [Fact]
    public async Task A_read_is_retried_until_the_deadline_and_no_longer()
    {
        _failing.Times = int.MaxValue;
        RequestDeadline.Start(_clock, Life);
        var startedAt = _clock.GetTimestamp();

        await Assert.ThrowsAsync<SiloUnavailableException>(() => WhileTimePassesAsync(Grain().Count().AsTask()));

        Assert.InRange(_clock.GetElapsedTime(startedAt), TimeSpan.FromMilliseconds(300), Life);
    }

    [Fact]
    public async Task The_next_request_on_the_same_thread_has_a_deadline_of_its_own()
    {
        async Task RequestAsync()
        {
            RequestDeadline.Start(_clock, Life);
            await Grain().WriteAtOnce();
        }

        await RequestAsync();
        Assert.Null(RequestDeadline.Current);
        _clock.Advance(Life * 2);
        await RequestAsync();
    }

    private ITurnGrain Grain() => _cluster.Client.GetGrain<ITurnGrain>(Guid.NewGuid());

    private async Task<int> WhileTimePassesAsync(Task<int> call)
    {
        await Waiting.UntilAsync(
            () =>
            {
                if (_clock.Pending > 0)
                    _clock.Advance(TimeSpan.FromMilliseconds(2));
                return call.IsCompleted;
            },
            "the call ends while time passes"
        );
        return await call;
    }

    /// <summary>Answers the first calls to the test's grain like a dead silo.</summary>
    private sealed class Failing : IIncomingGrainCallFilter
    {
        internal int Times;
        internal int Calls;

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.TargetContext.GrainInstance is not TurnGrain)
                return context.Invoke();
            return Interlocked.Increment(ref Calls) <= Times
                ? throw new SiloUnavailableException("gone")
                : context.Invoke();
        }
    }
}
