using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Grid.Engine.Hosting;
using Grid.Engine.Wire;
using Grid.Tests.Engine;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Wire;

/// <summary>How connections begin, fail, end and are made again.</summary>
public sealed class ConnectionTests
{
    private static readonly TimeSpan s_asked = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1, 2, 1, 1)]
    [InlineData(1, 1, 1, 2)]
    [InlineData(2, 3, 1, 2)]
    public async Task Two_releases_that_have_a_version_in_common_talk(int siloOldest, int siloNewest, int clientOldest, int clientNewest)
    {
        var (silo, client) = await WireNode.PairAsync(Speaking(siloOldest, siloNewest), Speaking(clientOldest, clientNewest));
        await using var _ = silo;
        await using var __ = client;
        Assert.Equal(1, await Within(client.Fresh<ICounterGrain>().Add(1), "call between releases"));
    }

    [Theory]
    [InlineData(2, 3, 1, 1)]
    [InlineData(1, 1, 2, 2)]
    public async Task Two_releases_without_a_common_version_say_so(int siloOldest, int siloNewest, int clientOldest, int clientNewest)
    {
        var (silo, client) = await WireNode.PairAsync(Speaking(siloOldest, siloNewest), Speaking(clientOldest, clientNewest));
        await using var _ = silo;
        await using var __ = client;
        var refusal = await Assert.ThrowsAsync<GrainUnavailableException>(() => client.Network.AskAsync(silo.Address, 1, default, s_asked));
        Assert.Contains($"the versions {clientOldest} to {clientNewest}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"{siloOldest} to {siloNewest}", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<GrainUnavailableException>(() => Within(client.Fresh<ICounterGrain>().Add(1), "call"));
        Assert.Equal(ReturnReason.NotSent, Assert.Single(client.Router.Returned).Reason);
    }

    [Fact]
    public async Task Processes_of_two_grids_do_not_talk_and_say_why()
    {
        var (silo, client) = await WireNode.PairAsync(Of("grid-a"), Of("grid-b"));
        await using var _ = silo;
        await using var __ = client;
        var refusal = await Assert.ThrowsAsync<GrainUnavailableException>(() => client.Network.AskAsync(silo.Address, 1, default, s_asked));
        Assert.Contains("of another grid", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<GrainUnavailableException>(() => Within(client.Fresh<ICounterGrain>().Add(1), "call"));
    }

    [Fact]
    public async Task A_release_that_names_no_grid_yet_is_spoken_to_as_before()
    {
        var (silo, client) = await WireNode.PairAsync(Of("grid-a"), Speaking(1, 1));
        await using var _ = silo;
        await using var __ = client;
        Assert.Equal(1, await Within(client.Fresh<ICounterGrain>().Add(1), "call of the release before"));
    }

    [Fact]
    public async Task Which_releases_are_connected_and_what_is_spoken_with_them_is_a_metric()
    {
        var (silo, client) = await WireNode.PairAsync(Speaking(1, 2), Speaking(1, 1));
        await using var _ = silo;
        await using var __ = client;
        Assert.Equal(1, await Within(client.Fresh<ICounterGrain>().Add(1), "both have greeted"));
        using var figures = new MeterListener();
        var seen = new ConcurrentQueue<(long Count, string Release, int Protocol)>();
        figures.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "grid.wire.releases" && ReferenceEquals(instrument.Meter.Scope, silo.Engine.MeterFactory))
                listener.EnableMeasurementEvents(instrument);
        };
        figures.SetMeasurementEventCallback<long>((_, count, tags, _) => seen.Enqueue((count, (string)tags[0].Value!, (int)tags[1].Value!)));
        figures.Start();
        figures.RecordObservableInstruments();
        var (connections, release, protocol) = Assert.Single(seen);
        Assert.Equal((1, 1), (connections, protocol));
        Assert.Matches(@"^\d+\.\d+\.\d+(-dev)?$", release);
    }

    [Fact]
    public async Task Who_is_no_silo_is_shown_the_door_and_the_others_stay()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        Assert.Equal(1, await Within(client.Fresh<ICounterGrain>().Add(1), "before"));
        foreach (var greeting in new[] { "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), [5, 0, 0, 0, 1, 1, 2, 3, 4], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [1, 0, 0, 0, 9] })
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(silo.Address.Host, silo.Address.Port);
            await socket.SendAsync(greeting);
            await Within(ClosedAsync(socket), "the silo hangs up");
        }

        Assert.Equal(1, await Within(client.Fresh<ICounterGrain>().Add(1), "after"));
    }

    [Fact]
    public async Task Who_connects_and_says_nothing_is_not_waited_for()
    {
        await using var silo = await WireNode.StartAsync(WireNode.Options(static options => options.ConnectTimeout = TimeSpan.FromMilliseconds(50)));
        silo.Listen();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(silo.Address.Host, silo.Address.Port);
        await Within(ClosedAsync(socket), "the silo hangs up");
    }

    [Fact]
    public async Task More_connections_than_are_allowed_are_closed()
    {
        await using var silo = await WireNode.StartAsync(WireNode.Options(static options => options.AcceptedMax = 2));
        silo.Listen();
        var sockets = new List<Socket>();
        for (var i = 0; i < 3; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            await socket.ConnectAsync(silo.Address.Host, silo.Address.Port);
        }

        await Within(ClosedAsync(sockets[2]), "the third is closed");
        sockets.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    public async Task A_silo_that_is_not_there_gets_no_calls_and_its_loss_is_told()
    {
        await using var client = await WireNode.StartAsync(serves: false);
        var control = new Control();
        client.Network.Attach(control);
        client.PointTo(new SiloAddress("127.0.0.1", FreePort()));
        await Assert.ThrowsAsync<GrainUnavailableException>(() => Within(client.Fresh<ICounterGrain>().Add(1), "call"));
        Assert.Equal(ReturnReason.NotSent, Assert.Single(client.Router.Returned).Reason);
        await Within(control.Lost, "the loss is told");
    }

    [Fact]
    public async Task After_a_loss_it_connects_again_by_itself_and_unsent_calls_wait_for_it()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var __ = client;
        var counter = client.Fresh<ICounterGrain>();
        Assert.Equal(1, await Within(counter.Add(1), "before"));
        await silo.DisposeAsync();
        await Until(() => client.Router.Returned.Count > 0 || counter.Value().IsFaulted, "the loss is noticed");

        await using var next = await WireNode.StartAsync();
        next.Listen();
        client.Router.OnReturn = call => client.Router.Target!.Send(call);
        client.PointTo(next.Address);
        Assert.Equal(1, await Within(counter.Add(1), "at the next silo"));
    }

    [Fact]
    public async Task A_call_whose_answer_was_lost_is_unknown_and_a_read_comes_back_to_be_made_again()
    {
        await using var silo = await WireNode.StartAsync();
        silo.Listen();
        await using var relay = new Relay(silo.Address);
        await using var client = await WireNode.StartAsync(serves: false);
        client.PointTo(relay.Address);
        var (write, read) = (Gates.New(), Gates.New());
        var writing = client.Fresh<ITurnGrain>().Write(write);
        var reading = client.Fresh<ITurnGrain>().Read(read);
        await Within(Gates.Came(write), "the write has begun");
        await Within(Gates.Came(read), "the read has begun");
        client.Router.OnReturn = call => client.Router.Target!.Send(call);
        relay.Pull();
        await Assert.ThrowsAsync<LostAnswerException>(() => Within(writing, "the write is unknown"));
        await Within(Gates.Came(read, 2), "the read has begun again");
        Gates.Open(read);
        await Within(reading, "the read is answered");
        Gates.Open(write);
    }

    [Fact]
    public async Task The_calls_of_a_frozen_silo_fail_within_two_seconds()
    {
        await using var silo = await WireNode.StartAsync();
        silo.Listen();
        await using var relay = new Relay(silo.Address);
        await using var client = await WireNode.StartAsync(WireNode.Options(static options => options.LostAfter = new WireOptions().LostAfter), serves: false);
        client.PointTo(relay.Address);
        var counter = client.Fresh<ICounterGrain>();
        Assert.Equal(1, await Within(counter.Add(1), "before"));
        relay.Freeze();
        var from = TimeProvider.System.GetTimestamp();
        await Assert.ThrowsAsync<LostAnswerException>(() => Within(counter.Add(1), "call to the frozen silo"));
        Assert.InRange(TimeProvider.System.GetElapsedTime(from).TotalSeconds, 0.3, 2);
    }

    [Fact]
    public async Task An_idle_connection_to_a_living_silo_stays()
    {
        await using var silo = await WireNode.StartAsync();
        silo.Listen();
        await using var relay = new Relay(silo.Address);
        await using var client = await WireNode.StartAsync(
            WireNode.Options(static options => options.ProbeAfter = TimeSpan.FromMilliseconds(30)), serves: false);
        client.PointTo(relay.Address);
        var gate = Gates.New();
        var held = client.Fresh<ITurnGrain>().Write(gate);
        await Within(Gates.Came(gate), "the call has begun");
        await Within(Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System), "many probes");
        Gates.Open(gate);
        await Within(held, "the call ends well");
        Assert.Equal(1, relay.Accepted);
    }

    [Fact]
    public async Task A_silo_that_shuts_down_answers_what_it_has_and_takes_nothing_new()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        var gate = Gates.New();
        var turns = client.Fresh<ITurnGrain>();
        var held = turns.Write(gate);
        await Within(Gates.Came(gate), "the call has begun");
        var stopping = silo.Network.StopAsync(CancellationToken.None);
        await Until(() => Enumerable.Range(0, 1).All(_ => client.Fresh<ICounterGrain>().Add(1).IsFaulted || client.Router.Returned.Count > 0), "new calls come back");
        Assert.False(stopping.IsCompleted);
        Gates.Open(gate);
        await Within(held, "the old call is answered");
        await Within(stopping, "the silo has stopped");
        Assert.All(client.Router.Returned, static returned => Assert.Equal(ReturnReason.NotSent, returned.Reason));
    }

    [Fact]
    public async Task More_calls_than_fit_on_a_connection_are_refused_at_once_and_there_is_room_again_after()
    {
        var (silo, client) = await WireNode.PairAsync(WireNode.Options(static options => options.CallsMax = 4));
        await using var _ = silo;
        await using var __ = client;
        Assert.Equal(1, await Within(client.Fresh<ICounterGrain>().Add(1), "both have greeted"));
        var gate = Gates.New();
        var held = Enumerable.Range(0, 4).Select(_ => client.Fresh<ITurnGrain>().Write(gate)).ToArray();
        await Within(Gates.Came(gate, 4), "four calls have begun");
        await Assert.ThrowsAsync<GrainOverloadedException>(() => Within(client.Fresh<ICounterGrain>().Add(1), "the fifth"));
        Gates.Open(gate);
        await Within(Task.WhenAll(held), "the four end");
        Assert.Equal(1, await Within(client.Fresh<ICounterGrain>().Add(1), "there is room"));
    }

    [Fact]
    public async Task Calls_to_a_silo_that_takes_no_bytes_are_refused_before_they_fill_the_memory()
    {
        await using var silo = await WireNode.StartAsync();
        silo.Listen();
        await using var relay = new Relay(silo.Address);
        await using var client = await WireNode.StartAsync(WireNode.Options(static options => options.QueuedBytesMax = 64 * 1024), serves: false);
        client.PointTo(relay.Address);
        var grain = client.Grain<IMessageGrain>();
        await Within(grain.Keep([1]), "before");
        relay.Freeze();
        var large = Enumerable.Range(0, 100_000).ToList();
        var calls = new List<Task>();
        for (var i = 0; i < 200 && !calls.Any(static call => call.IsFaulted); i++)
        {
            calls.Add(grain.Keep(large));
            await Task.Yield();
        }

        var refused = calls.First(static call => call.IsFaulted);
        await Assert.ThrowsAsync<GrainOverloadedException>(() => refused);
        relay.Thaw();
        await Within(Task.WhenAll(calls.Where(static call => !call.IsFaulted)), "the others are done");
    }

    [Fact]
    public async Task Control_messages_are_answered_fail_with_their_error_and_end_in_time()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        var unheard = await Assert.ThrowsAsync<NotSupportedException>(() => client.Network.AskAsync(silo.Address, 1, default, s_asked));
        Assert.Contains("Nobody", unheard.Message, StringComparison.Ordinal);
        silo.Network.Attach(new Control());
        Assert.Equal([3, 2, 1], (await Within(client.Network.AskAsync(silo.Address, Control.Reverse, new byte[] { 1, 2, 3 }, s_asked), "answer")).ToArray());
        var error = await Assert.ThrowsAsync<FormatException>(() => client.Network.AskAsync(silo.Address, Control.Fail, default, s_asked));
        Assert.Equal("not today", error.Message);
        await Assert.ThrowsAsync<TimeoutException>(
            () => client.Network.AskAsync(silo.Address, Control.Never, default, TimeSpan.FromMilliseconds(50)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => client.Network.AskAsync(silo.Address, 1, new byte[WireLimits.ControlBytesMax + 1], s_asked));
    }

    [Fact]
    public async Task A_push_reaches_everyone_who_is_connected()
    {
        var (silo, client) = await WireNode.PairAsync();
        await using var _ = silo;
        await using var __ = client;
        await using var second = await WireNode.StartAsync(serves: false);
        second.PointTo(silo.Address);
        var (one, two) = (new Control(), new Control());
        client.Network.Attach(one);
        second.Network.Attach(two);
        await Within(client.Fresh<ICounterGrain>().Add(1), "the first is connected");
        await Within(second.Fresh<ICounterGrain>().Add(1), "the second is connected");
        silo.Network.Push(77, new byte[] { 5 });
        Assert.Equal((77, 5), await Within(one.Pushed, "push to the first"));
        Assert.Equal((77, 5), await Within(two.Pushed, "push to the second"));
    }

    [Fact]
    public void Settings_that_make_no_sense_stop_the_start_and_name_themselves()
    {
        new WireOptions().Check();
        foreach (var (name, spoil) in new (string, Action<WireOptions>)[]
        {
            (nameof(WireOptions.CallsMax), static options => options.CallsMax = 0),
            (nameof(WireOptions.QueuedBytesMax), static options => options.QueuedBytesMax = 1),
            (nameof(WireOptions.ConnectTimeout), static options => options.ConnectTimeout = TimeSpan.Zero),
            (nameof(WireOptions.BackoffMax), static options => options.BackoffMax = TimeSpan.FromHours(1)),
            (nameof(WireOptions.LostAfter), static options => options.LostAfter = options.ProbeAfter),
            (nameof(WireTlsOptions.Authority), static options => options.Tls = new WireTlsOptions()),
        })
        {
            var options = new WireOptions();
            spoil(options);
            var fault = Assert.Throws<System.ComponentModel.DataAnnotations.ValidationException>(options.Check);
            Assert.Contains(name, fault.Message, StringComparison.Ordinal);
        }
    }

    private static WireOptions Speaking(int oldest, int newest) => WireNode.Options(options =>
    {
        options.ProtocolOldest = oldest;
        options.ProtocolNewest = newest;
    });

    private static WireOptions Of(string grid) => WireNode.Options(options => options.Grid = grid);

    private static async Task ClosedAsync(Socket socket)
    {
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0)
            {
                // What it has to say before it hangs up.
            }
        }
        catch (SocketException)
        {
            // It hung up in anger.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Control : IControlHandler
    {
        internal const byte Reverse = 1;
        internal const byte Fail = 2;
        internal const byte Never = 3;

        private readonly TaskCompletionSource<(int Kind, int Body)> _pushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<SiloAddress> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<(int Kind, int Body)> Pushed => _pushed.Task;

        internal Task<SiloAddress> Lost => _lost.Task;

        public ValueTask<ReadOnlyMemory<byte>> HandleAsync(byte kind, ReadOnlyMemory<byte> body)
        {
            switch (kind)
            {
                case Reverse:
                    return new(body.ToArray().Reverse().ToArray());
                case Fail:
                    throw new FormatException("not today");
                case Never:
                    return new(new TaskCompletionSource<ReadOnlyMemory<byte>>().Task);
                default:
                    _pushed.TrySetResult((kind, body.Span[0]));
                    return default;
            }
        }

        public void OnLost(SiloAddress silo) => _lost.TrySetResult(silo);
    }
}
