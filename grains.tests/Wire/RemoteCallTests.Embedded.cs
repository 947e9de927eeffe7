using System.Collections.Concurrent;
using System.Diagnostics;
using Grid.Codec;
using Grid.Engine.Hosting;
using Grid.Engine.Wire;
using Grid.Tests.Engine;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Wire;

/// <summary>Calls from one engine to grains in another, over sockets.</summary>
public sealed class RemoteCallTests
{
    [Fact]
    public async Task A_call_runs_where_the_grain_is_and_its_result_comes_back()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        var counter = client.Fresh<ICounterGrain>();
        Assert.Equal(2, await Within(counter.Add(2), "first call"));
        Assert.Equal(5, await Within(counter.Add(3), "second call"));
        Assert.Equal(5, await Within(counter.Value().AsTask(), "read"));
        Assert.Equal("nothing noted", await Within(counter.Note().AsTask(), "text"));
        Assert.Equal("2", await Within(counter.Etag().AsTask(), "text of a number"));
        Assert.Contains(silo.Engine.Engine.Hosts, static host => host.ActivationCount == 1);
        Assert.DoesNotContain(client.Engine.Engine.Hosts, static host => host.ActivationCount > 0);
    }

    [Fact]
    public async Task Grain_and_caller_share_no_object_and_the_short_way_copies_as_the_long_one()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        var grain = client.Grain<IMessageGrain>();
        var sent = new List<int> { 1, 2, 3 };
        await Within(grain.Keep(sent), "keep");
        sent.Add(4);
        (await Within(grain.Kept().AsTask(), "short way")).Clear();
        (await Within(grain.KeptLater(), "long way")).Clear();
        Assert.Equal([1, 2, 3], await Within(grain.Kept().AsTask(), "what is left"));
    }

    [Fact]
    public async Task An_exception_comes_back_with_its_name_its_message_and_the_grains_stack()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        var grain = client.Grain<IMessageGrain>();
        foreach (var when in new[] { "cold", "hot" })
        {
            var atOnce = await Assert.ThrowsAsync<RemoteGrainException>(() => Within(grain.FailAtOnce("first"), $"at once, {when}"));
            Assert.Equal("first", atOnce.Message);
            Assert.Equal(typeof(GrainTroubleException).FullName, atOnce.TypeName);
            Assert.Contains(nameof(MessageGrain.FailAtOnce), atOnce.ToString(), StringComparison.Ordinal);
            var later = await Assert.ThrowsAsync<RemoteGrainException>(() => Within(grain.FailLater("second").AsTask(), $"later, {when}"));
            Assert.Equal("second", later.Message);
        }

        await Assert.ThrowsAnyAsync<Exception>(() => Within(grain.Nothing(), "no task"));
        Assert.Empty(await Within(grain.Kept().AsTask(), "afterwards"));
    }

    [Fact]
    public async Task A_conflict_of_a_write_comes_back_as_what_it_is_and_drops_the_activation_there()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        var counter = client.Fresh<ICounterGrain>();
        await Within(counter.Add(1), "first write");
        silo.Engine.Storage.Put("counter", counter.GetGrainId(), new CounterState { Value = 40 }, 2);
        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(() => Within(counter.Add(1), "late write"));
        Assert.Equal("1", conflict.CurrentEtag);
        Assert.Equal("2", conflict.StoredEtag);
        Assert.Equal(41, await Within(counter.Add(1), "after the state was read again"));
    }

    [Fact]
    public async Task A_fault_of_the_store_comes_back_with_its_code()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        var counter = client.Fresh<ICounterGrain>();
        await Within(counter.Add(1), "sound write");
        silo.Engine.Storage.Before = static () => throw new StoreException(StoreFaults.Full, "no room", new IOException("disk"));
        var fault = await Assert.ThrowsAsync<StoreException>(() => Within(counter.Add(1), "failed write"));
        Assert.Equal(StoreFaults.Full, fault.Code);
        Assert.Equal("disk", Assert.IsType<IOException>(fault.InnerException).Message);
    }

    [Fact]
    public async Task Calls_to_one_grain_take_turns_and_readers_share_theirs()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        var counter = client.Fresh<ICounterGrain>();
        var calls = Enumerable.Range(0, 500).Select(_ => counter.Add(1)).ToArray();
        var results = await Within(Task.WhenAll(calls), "five hundred calls");
        Assert.Equal(Enumerable.Range(1, 500), results.Order());
    }

    [Fact]
    public async Task A_silo_that_does_not_own_the_grain_sends_the_call_back_and_does_nothing()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        silo.Router.ViewVersion = 7;
        silo.PointTo(new SiloAddress("127.0.0.1", 1));
        var counter = client.Fresh<ICounterGrain>();
        await Assert.ThrowsAsync<GrainUnavailableException>(() => Within(counter.Add(1), "call to the wrong silo"));
        Assert.Equal([(ReturnReason.NotOwner, 7L)], client.Router.Returned);
        Assert.Empty(silo.Router.Returned);

        // The one who gets it back may send it again: here when the silo owns the grain after all.
        client.Router.OnReturn = call =>
        {
            silo.Router.Target = null;
            client.Router.Target!.Send(call);
        };
        Assert.Equal(1, await Within(counter.Add(1), "call that was sent again"));
    }

    [Fact]
    public async Task A_call_ends_at_the_silo_too_when_its_caller_would_not_wait_any_longer()
    {
        var (silo, client) = await WireNode.PairAsync(configure: setup => setup.ResponseTimeout = TimeSpan.FromSeconds(4));
        await using var _ = silo;
        await using var __ = client;
        var gate = Gates.New();
        var turns = client.Fresh<ITurnGrain>();
        var held = turns.Write(gate);
        await Within(Gates.Came(gate), "the call has begun");
        silo.Engine.Advance(TimeSpan.FromSeconds(3));
        Assert.False(held.IsCompleted);
        silo.Engine.Advance(TimeSpan.FromSeconds(2));
        var late = await Assert.ThrowsAsync<TimeoutException>(() => Within(held, "time is up at the silo"));
        Assert.Contains("It has begun", late.Message, StringComparison.Ordinal);
        Gates.Open(gate);
    }

    [Fact]
    public async Task A_caller_does_not_wait_longer_than_it_would_for_a_silo_that_says_nothing()
    {
        var (silo, client) = await WireNode.PairAsync(configure: setup => setup.ResponseTimeout = TimeSpan.FromSeconds(4));
        await using var _ = silo;
        await using var __ = client;
        var gate = Gates.New();
        var held = client.Fresh<ITurnGrain>().Write(gate);
        await Within(Gates.Came(gate), "the call has begun");
        client.Engine.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => Within(held, "time is up at the caller"));
        Gates.Open(gate);
    }

    [Fact]
    public async Task The_trace_of_the_caller_goes_on_at_the_silo()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Grid.Engine",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        var ended = new ConcurrentDictionary<ActivityKind, TaskCompletionSource<Activity>>(
        [
            new(ActivityKind.Server, new(TaskCreationOptions.RunContinuationsAsynchronously)),
            new(ActivityKind.Client, new(TaskCreationOptions.RunContinuationsAsynchronously)),
        ]);
        using var outer = new Activity("request") { ActivityTraceFlags = ActivityTraceFlags.Recorded, IsAllDataRequested = true };
        listener.ActivityStopped = span =>
        {
            if (span.TraceId == outer.TraceId && span.OperationName.EndsWith(nameof(IMessageGrain.KeptLater), StringComparison.Ordinal))
            {
                ended[span.Kind].TrySetResult(span);
            }
        };
        ActivitySource.AddActivityListener(listener);
        var grain = client.Grain<IMessageGrain>();
        await Within(grain.Keep([1]), "untraced call");
        outer.Start();
        await Within(grain.KeptLater(), "traced call");
        outer.Stop();
        var call = await Within(ended[ActivityKind.Client].Task, "the caller's span");
        var span = await Within(ended[ActivityKind.Server].Task, "the silo's span");
        Assert.Equal(outer.SpanId, call.ParentSpanId);
        Assert.Equal(call.SpanId, span.ParentSpanId);
    }

    [Fact]
    public async Task A_call_that_the_silo_does_not_know_fails_and_the_next_one_goes_on()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        var replies = new Recorder();
        ((ICallReceiver)silo.Engine.Engine).Receive(new InboundCall
        {
            Id = 1, TypeId = 1, MethodId = 1, Key = default, RemainingMs = 1000, Arguments = [],
        }, replies);
        Assert.Contains("another version", Assert.IsType<NotSupportedException>(Assert.Single(replies.Errors)).Message, StringComparison.Ordinal);
        Assert.Equal(1, await Within(client.Fresh<ICounterGrain>().Add(1), "next call"));
    }

    [Fact]
    public async Task Arguments_that_are_damaged_fail_the_call_and_nothing_else()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        var grain = client.Grain<IMessageGrain>();
        var replies = new Recorder();
        var call = Frames.ReadCall(CapturedCall.BodyOf(client, () => grain.Keep([1, 2, 3])));
        ((ICallReceiver)silo.Engine.Engine).Receive(new InboundCall
        {
            Id = 1, TypeId = call.TypeId, MethodId = call.MethodId, Key = call.Key, RemainingMs = 1000, Arguments = [0xFF, 0xFF],
        }, replies);
        Assert.IsType<CodecException>(Assert.Single(replies.Errors));
    }

    private sealed class Recorder : ICallReplies
    {
        internal List<Exception> Errors { get; } = [];

        public void Answer(long id, Grid.Engine.Runtime.PendingCall call) => throw new InvalidOperationException("No answer was expected.");

        public void Fail(long id, Exception error) => Errors.Add(error);

        public void NotOwner(long id, long viewVersion) => throw new InvalidOperationException("The grain is here.");
    }
}
