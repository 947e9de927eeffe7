using FsCheck;
using FsCheck.Fluent;
using Grid.Codec;
using Grid.Engine.Wire;
using Grid.Tests.Engine;

namespace Grid.Tests.Wire;

/// <summary>The bytes between silos, without sockets.</summary>
public sealed class FrameTests
{
    private const int Mutations = 100;

    [Fact]
    public void Frames_are_read_as_they_were_written() => Prop.ForAll(ArbMap.Default.ArbFor<(uint, byte, byte[])>(), sample =>
    {
        var (id, kind, body) = sample;
        using var frames = new FrameBuffer();
        Frames.WriteControl(frames, id, kind, body ?? []);
        Frames.WriteControlAnswer(frames, id, body ?? []);
        Frames.WriteNotOwner(frames, id, kind);
        Frames.WriteError(frames, id, new TimeoutException("too late"));
        Frames.WriteProbe(frames, FrameKind.Ping, id);
        Frames.WriteGoAway(frames, "night");

        var rest = frames.Written.Span;
        Assert.Equal(id, Frames.ReadControl(Next(ref rest, FrameKind.Control), out var readKind, out var message));
        Assert.Equal(kind, readKind);
        Assert.Equal(body ?? [], message.ToArray());
        Assert.Equal(id, Frames.ReadAnswerId(Next(ref rest, FrameKind.ControlAnswer), out var answer));
        Assert.Equal(body ?? [], answer.ToArray());
        Assert.Equal((id, kind), Frames.ReadNotOwner(Next(ref rest, FrameKind.NotOwner)));
        Assert.Equal(id, Frames.ReadAnswerId(Next(ref rest, FrameKind.Error), out var error));
        Assert.Equal("too late", Assert.IsType<TimeoutException>(Frames.ReadError(error)).Message);
        Assert.Equal(id, Frames.ReadProbe(Next(ref rest, FrameKind.Ping)));
        Assert.Equal("night", Frames.ReadGoAway(Next(ref rest, FrameKind.GoAway)));
        Assert.True(rest.IsEmpty);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_frame_that_is_not_all_there_yet_is_waited_for()
    {
        using var frames = new FrameBuffer();
        Frames.WriteControl(frames, 1, 2, new byte[300]);
        var bytes = frames.Written.Span;
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(0, Frames.TryRead(bytes[..length], WireLimits.FrameBytesMax, out _, out _));
        }

        Assert.Equal(bytes.Length, Frames.TryRead(bytes, WireLimits.FrameBytesMax, out _, out _));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0xFD, 0xFF, 0x3F, 0x00 })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    public void A_length_that_no_frame_may_have_is_refused_before_the_frame_has_come(byte[] length)
    {
        Assert.Throws<CodecException>(() => Frames.NeededBytes(length, WireLimits.FrameBytesMax));
        Assert.Throws<CodecException>(() => Frames.TryRead([.. length, 1], WireLimits.FrameBytesMax, out _, out _));
    }

    [Fact]
    public void A_message_too_long_for_a_frame_is_refused_and_leaves_no_trace()
    {
        using var frames = new FrameBuffer();
        Frames.WriteProbe(frames, FrameKind.Ping, 1);
        var before = frames.Length;
        Assert.Throws<CodecException>(() => Frames.WriteControlAnswer(frames, 1, new byte[WireLimits.FrameBytesMax]));
        Assert.Equal(before, frames.Length);
    }

    [Fact]
    public void A_hello_is_read_as_it_was_written_whatever_a_newer_one_adds()
    {
        using var frames = new FrameBuffer();
        var hello = new Hello(3, 5) { Name = "silo-a", Product = "1.2", CallsMax = 100, Grid = "ab12" };
        hello.Write(frames);
        var rest = frames.Written.Span;
        var body = Next(ref rest, FrameKind.Hello).ToArray();
        Assert.Equal(hello, Hello.Read(body));

        // The fields are a message behind the four bytes of the mark and two versions: one more field of a number not known.
        var newer = body.ToArray().Concat(new byte[] { 9 << 3, 42 }).ToArray();
        newer[6] += 2;
        Assert.Equal("silo-a", Hello.Read(newer).Name);
    }

    [Fact]
    public async Task A_call_is_read_as_it_was_written_whatever_a_newer_sender_adds()
    {
        await using var client = await WireNode.StartAsync();
        var key = Guid.NewGuid();
        var body = CapturedCall.BodyOf(client, () => client.Engine.Grains.GetGrain<ICounterGrain>(key).Add(3));
        var call = Frames.ReadCall(body);
        Assert.Equal(GrainTypeIds.Of("test-counter"), call.TypeId);
        Assert.Equal(key.ToString("N"), call.Key.ToString());
        Assert.Equal(1000u, call.RemainingMs);
        Assert.Equal(default, call.Trace);

        // Id, type, method, mark and key of a GUID, two bytes of time: then the fields, of which there are none so far.
        const int FieldsAt = 1 + 4 + 4 + 1 + 16 + 2;
        Assert.Equal(0, body[FieldsAt]);
        byte[] newer = [.. body[..FieldsAt], 3, 9 << 3, 42, .. body[(FieldsAt + 1)..]];
        var again = Frames.ReadCall(newer);
        Assert.Equal(call.Arguments.ToArray(), again.Arguments.ToArray());

        var text = CapturedCall.BodyOf(client, () => client.Engine.Grains.GetGrain<IMessageGrain>("a key").KeptLater());
        Assert.Equal("a key", Frames.ReadCall(text).Key.ToString());
    }

    [Fact]
    public async Task Damaged_frames_end_the_session_or_a_call_and_never_the_process()
    {
        await using var node = await WireNode.StartAsync();
        using var frames = new FrameBuffer();
        Frames.WriteControl(frames, 7, 2, new byte[20]);
        Frames.WriteError(frames, 1, new InvalidOperationException("x", new FormatException("y")));
        Frames.WriteNotOwner(frames, 1, 2);
        Frames.WriteProbe(frames, FrameKind.Ping, 1);
        var call = CapturedCall.BodyOf(node, () => node.Engine.Grains.GetGrain<IMessageGrain>("a key").Keep([1, 2, 3]));
        byte[] sound = [.. BitConverter.GetBytes(call.Length + 1), (byte)FrameKind.Call, .. call, .. frames.Written.Span];
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            for (var mutation = 0; mutation < Mutations; mutation++)
            {
                var damaged = (byte[])sound.Clone();
                for (var flips = random.Next(1, 5); flips > 0; flips--)
                {
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                }

                using var session = new LooseSession(node);
                session.ConsumeOrRefuse(damaged.AsSpan(0, random.Next(damaged.Length + 1)));
            }
        }).QuickCheckThrowOnFailure();
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            using var session = new LooseSession(node);
            session.ConsumeOrRefuse(bytes);
            ReadOrRefuse(() => Hello.Read(bytes));
            ReadOrRefuse(() => Frames.ReadCall(bytes));
            ReadOrRefuse(() => Frames.ReadError(bytes));
            ReadOrRefuse(() => Frames.ReadControl(bytes, out _, out _));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static void ReadOrRefuse(Action read)
    {
        try
        {
            read();
        }
        catch (CodecException)
        {
            // Refused, as it should be.
        }
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest, FrameKind expected)
    {
        var length = Frames.TryRead(rest, WireLimits.FrameBytesMax, out var kind, out var body);
        Assert.Equal(expected, kind);
        rest = rest[length..];
        return body;
    }
}
