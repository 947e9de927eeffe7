using FsCheck;
using FsCheck.Fluent;
using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Grid.Engine.Wire;
using Grid.Tests.Engine;
using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Wire;

/// <summary>Both sides of a connection, with the test in the place of the network.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task However_the_bytes_arrive_in_pieces_every_call_gets_its_own_answer()
    {
        await using var silo = await WireNode.StartAsync();
        await using var client = await WireNode.StartAsync();
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            using var there = new LooseSession(silo);
            using var here = new LooseSession(client);
            client.Router.Target = new ToSession(here.Session, client.Router);
            var random = new Random(seed);
            var calls = Enumerable.Range(0, 20)
                .Select(number => (Number: number, Call: client.Fresh<ICounterGrain>().Add(number)))
                .ToArray();
            Carry(here.Take(), there.Session, random);
            while (calls.Any(static call => !call.Call.IsCompleted))
            {
                var isThere = SpinWait.SpinUntil(
                    () => there.Session.QueuedBytes > 0 || calls.All(static call => call.Call.IsCompleted), TimeSpan.FromSeconds(30));
                Assert.True(isThere, "The answers do not come.");
                Carry(there.Take(), here.Session, random);
            }

            Assert.All(calls, static call => Assert.Equal(call.Number, call.Call.Result));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));
    }

    [Fact]
    public async Task Many_answers_go_out_at_once_when_many_calls_came_at_once()
    {
        await using var silo = await WireNode.StartAsync();
        await using var client = await WireNode.StartAsync();
        using var there = new LooseSession(silo);
        using var here = new LooseSession(client);
        client.Router.Target = new ToSession(here.Session, client.Router);
        var grain = client.Grain<IMessageGrain>();
        silo.Router.Target = null;
        await Within(silo.Engine.Grains.GetGrain<IMessageGrain>(grain.GetPrimaryKeyString()).Keep([1]), "the grain is hot");
        var calls = Enumerable.Range(0, 50).Select(_ => grain.Kept().AsTask()).ToArray();
        Assert.Equal(1, here.Wakes);
        there.Session.Consume(here.Take());
        Assert.Equal(1, there.Wakes);
        here.Session.Consume(there.Take());
        await Within(Task.WhenAll(calls), "all answers");
    }

    [Fact]
    public async Task A_session_that_ends_gives_back_what_nobody_took_and_reads_and_leaves_the_rest_unknown()
    {
        await using var client = await WireNode.StartAsync();
        using var here = new LooseSession(client);
        client.Router.Target = new ToSession(here.Session, client.Router);
        var turns = client.Fresh<ITurnGrain>();
        var sentWrite = turns.Write("gate");
        var sentRead = turns.Read("gate");
        here.Take();
        var unsent = turns.Write("gate");
        here.Session.Close("The cable was cut.");
        var lost = await Assert.ThrowsAsync<LostAnswerException>(() => Within(sentWrite, "write that was sent"));
        Assert.Contains("The cable was cut.", lost.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<GrainUnavailableException>(() => Within(sentRead, "read that was sent"));
        await Assert.ThrowsAsync<GrainUnavailableException>(() => Within(unsent, "write that was not sent"));
        Assert.Equal([ReturnReason.NotSent, ReturnReason.Unanswered], client.Router.Returned.Select(static returned => returned.Reason).Order());
        await Assert.ThrowsAsync<GrainUnavailableException>(() => Within(turns.Write("gate"), "after the end"));
    }

    [Fact]
    public async Task A_late_answer_finds_no_other_call_in_the_place_of_one_that_timed_out()
    {
        await using var silo = await WireNode.StartAsync();
        await using var client = await WireNode.StartAsync();
        using var there = new LooseSession(silo);
        using var here = new LooseSession(client);
        client.Router.Target = new ToSession(here.Session, client.Router);
        var counter = client.Fresh<ICounterGrain>();
        var late = counter.Add(1);
        there.Session.Consume(here.Take());
        await Until(() => there.Session.Inbound == 0, "the silo has answered");
        var lateAnswer = there.Take();
        client.Engine.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<TimeoutException>(() => Within(late, "the caller's time-out"));
        Assert.Equal(1, here.Session.Outbound);
        Assert.True(here.Session.Tick());
        Assert.Equal(0, here.Session.Outbound);

        var next = counter.Add(10);
        here.Session.Consume(lateAnswer);
        Assert.False(next.IsCompleted);
        there.Session.Consume(here.Take());
        await Until(() => there.Session.Inbound == 0, "the silo has answered again");
        here.Session.Consume(there.Take());
        Assert.Equal(11, await Within(next, "the answer of the second call"));
    }

    [Fact]
    public async Task A_silent_peer_is_asked_then_held_lost_unless_this_process_itself_had_stopped()
    {
        await using var node = await WireNode.StartAsync();
        var clock = new TestClock(GridFixture.Start);
        using var session = new LooseSession(node, new WireOptions(), clock);
        clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.True(session.Session.Tick());
        Assert.Empty(session.Take());
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(session.Session.Tick());
        Assert.Equal((byte)FrameKind.Ping, session.Take()[4]);
        clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(session.Session.Tick());
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(session.Session.Tick());
        session.Session.Pardon();
        Assert.True(session.Session.Tick());
        using var pong = new FrameBuffer();
        clock.Advance(TimeSpan.FromMilliseconds(800));
        Frames.WriteProbe(pong, FrameKind.Pong, 1);
        session.Session.Consume(pong.Written.Span);
        clock.Advance(TimeSpan.FromMilliseconds(800));
        Assert.True(session.Session.Tick());
    }

    [Fact]
    public async Task A_ping_is_answered_and_a_frame_of_a_newer_version_is_passed_over()
    {
        await using var node = await WireNode.StartAsync();
        using var session = new LooseSession(node);
        using var frames = new FrameBuffer();
        byte[] unknown = [6, 0, 0, 0, 200, 1, 2, 3, 4, 5];
        Frames.WriteProbe(frames, FrameKind.Ping, 9);
        session.Session.Consume([.. unknown, .. frames.Written.Span]);
        Frames.TryRead(session.Take(), WireLimits.FrameBytesMax, out var kind, out var body);
        Assert.Equal(FrameKind.Pong, kind);
        Assert.Equal(9ul, Frames.ReadProbe(body));
    }

    [Fact]
    public async Task A_peer_that_does_not_take_its_answers_gets_no_more_calls_done()
    {
        await using var silo = await WireNode.StartAsync();
        await using var client = await WireNode.StartAsync();
        var options = WireNode.Options(static options => options.QueuedBytesMax = 64 * 1024);
        using var there = new LooseSession(silo, options);
        var grain = client.Grain<IMessageGrain>();
        await Within(silo.Engine.Grains.GetGrain<IMessageGrain>(grain.GetPrimaryKeyString()).Keep([.. Enumerable.Range(0, 5000)]), "the grain is hot");
        var body = CapturedCall.BodyOf(client, () => grain.Kept().AsTask());
        byte[] frame = [.. BitConverter.GetBytes(body.Length + 1), (byte)FrameKind.Call, .. body];
        var calls = Enumerable.Repeat(frame, 1000).SelectMany(static bytes => bytes).ToArray();
        var used = there.Session.Consume(calls);
        Assert.InRange(used, frame.Length, calls.Length / 10);
        Assert.True(there.Session.IsFull);
        Assert.InRange(there.Session.QueuedBytes, 64 * 1024, 128 * 1024);
        Assert.Equal(0, there.Session.Consume(calls.AsSpan(used)));
        there.Take();
        Assert.InRange(there.Session.Consume(calls.AsSpan(used)), frame.Length, calls.Length / 10);
    }

    private static void Carry(byte[] bytes, WireSession to, Random random)
    {
        var (start, end) = (0, 0);
        while (end < bytes.Length)
        {
            end = Math.Min(bytes.Length, end + random.Next(1, 60));
            start += to.Consume(bytes.AsSpan(start, end - start));
        }

        Assert.Equal(bytes.Length, start);
    }

    private sealed class ToSession(WireSession session, ICallReturns returns) : IGrainTransport
    {
        public void Send(PendingCall call)
        {
            if (session.Send(call, returns) != SendOutcome.Taken)
            {
                returns.Return(call, ReturnReason.NotSent, 0);
            }
        }
    }
}
