using System.Buffers.Binary;
using System.Diagnostics;
using Grid.Codec;
using Grid.Codec.Values;
using Grid.Engine.Runtime;

namespace Grid.Engine.Wire;

/// <summary>
/// What a frame is. A frame is its length in four bytes (little-endian, of what follows), the kind in one, and the body.
/// A reader steps over kinds that it does not know, and over fields that it does not know in the parts of a body that are
/// written as fields; so a newer version may send more, as long as it does not need to be understood.
/// </summary>
public enum FrameKind : byte
{
    /// <summary>The first frame in both directions: who speaks, and which versions.</summary>
    Hello = 1,

    /// <summary>A call of a grain.</summary>
    Call = 2,

    /// <summary>The result of a call.</summary>
    Result = 3,

    /// <summary>The exception of a call, or of a control message.</summary>
    Error = 4,

    /// <summary>The grain of a call is not here.</summary>
    NotOwner = 5,

    /// <summary>A control message; with the id 0 nobody waits for an answer.</summary>
    Control = 6,

    /// <summary>The answer to a control message.</summary>
    ControlAnswer = 7,

    /// <summary>The sender takes no more calls on this connection; what it has it will answer.</summary>
    GoAway = 8,

    /// <summary>Is anybody there?</summary>
    Ping = 9,

    /// <summary>Yes.</summary>
    Pong = 10,
}

/// <summary>Writes frames and reads them. Bad bytes end in a <see cref="CodecException"/> and in no other.</summary>
public static class Frames
{
    /// <summary>Length and kind.</summary>
    public const int HeaderBytes = sizeof(uint) + 1;

    private const int TraceBytes = 16 + 8 + 1;
    private const uint TraceKey = (1 << 3) | (uint)WireType.Bytes;

    /// <summary>Takes the first frame off the input, if all of it is there.</summary>
    /// <param name="input">What came from the peer and was not consumed.</param>
    /// <param name="bytesMax">The longest frame that is allowed now.</param>
    /// <param name="kind">What it is; may be a kind that this version does not know.</param>
    /// <param name="body">What follows the header; a view of the input.</param>
    /// <returns>How many bytes the frame takes; 0 when more are needed.</returns>
    /// <exception cref="CodecException">The input is no frame, or a longer one than is allowed.</exception>
    public static int TryRead(ReadOnlySpan<byte> input, int bytesMax, out FrameKind kind, out ReadOnlySpan<byte> body)
    {
        kind = default;
        body = default;
        if (input.Length < HeaderBytes)
        {
            return 0;
        }

        var total = NeededBytes(input, bytesMax);
        if (input.Length < total)
        {
            return 0;
        }

        kind = (FrameKind)input[sizeof(uint)];
        body = input[HeaderBytes..total];
        return total;
    }

    /// <summary>How long the first frame of the input is; the length of a header when that is not there yet.</summary>
    /// <exception cref="CodecException">The input is no frame, or a longer one than is allowed.</exception>
    public static int NeededBytes(ReadOnlySpan<byte> input, int bytesMax)
    {
        if (input.Length < sizeof(uint))
        {
            return HeaderBytes;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(input);
        return length >= 1 && length <= (uint)(bytesMax - sizeof(uint))
            ? (int)length + sizeof(uint)
            : throw new CodecException($"A frame of {length} bytes is not allowed here; {bytesMax} are the limit.");
    }

    /// <summary>Writes a call.</summary>
    /// <exception cref="CodecException">The arguments can't be written, or are too long; nothing was written.</exception>
    public static void WriteCall(FrameBuffer target, long id, PendingCall call, uint remainingMs)
    {
        var mark = target.Begin(FrameKind.Call);
        var writer = new CodecWriter(target);
        try
        {
            writer.WriteVarint((ulong)id);
            writer.WriteFixed32(call.Host.TypeId);
            writer.WriteFixed32(call.Method.Id);
            WriteKey(ref writer, call.Key);
            writer.WriteVarint(remainingMs);
            WriteTrace(ref writer, call.Span);
            call.WriteArguments(ref writer);
            writer.Complete();
        }
        catch
        {
            target.TakeBack(mark);
            throw;
        }
        finally
        {
            writer.Dispose();
        }

        target.End(mark);
    }

    /// <summary>Reads the body of a call.</summary>
    public static InboundCall ReadCall(ReadOnlySpan<byte> body)
    {
        var reader = new CodecReader(body);
        var id = ReadId(ref reader);
        var type = reader.ReadFixed32();
        var method = reader.ReadFixed32();
        var key = ReadKey(ref reader);
        var remaining = reader.ReadVarint32();
        var trace = ReadTrace(ref reader);
        return new InboundCall
        {
            Id = id, TypeId = type, MethodId = method, Key = key, RemainingMs = remaining, Trace = trace, Arguments = body[reader.Position..],
        };
    }

    /// <summary>Writes the result of a call that ended well.</summary>
    /// <exception cref="CodecException">The result can't be written, or is too long; nothing was written.</exception>
    public static void WriteResult(FrameBuffer target, long id, PendingCall call)
    {
        var mark = target.Begin(FrameKind.Result);
        var writer = new CodecWriter(target);
        try
        {
            writer.WriteVarint((ulong)id);
            writer.WriteNull();
            call.WriteResult(ref writer);
            writer.Complete();
        }
        catch
        {
            target.TakeBack(mark);
            throw;
        }
        finally
        {
            writer.Dispose();
        }

        target.End(mark);
    }

    /// <summary>Writes an exception.</summary>
    public static void WriteError(FrameBuffer target, long id, Exception error)
    {
        var mark = target.Begin(FrameKind.Error);
        var writer = new CodecWriter(target);
        try
        {
            writer.WriteVarint((ulong)id);
            writer.WriteNull();
            ExceptionCodec.Write(ref writer, error);
            writer.Complete();
        }
        finally
        {
            writer.Dispose();
        }

        target.End(mark);
    }

    /// <summary>Reads the exception behind <see cref="ReadAnswerId"/>.</summary>
    public static Exception ReadError(ReadOnlySpan<byte> rest)
    {
        var reader = new CodecReader(rest);
        return ExceptionCodec.Read(ref reader) ?? throw new CodecException("An error without an exception.");
    }

    /// <summary>Reads what a result, an error and the answer to a control message begin with.</summary>
    /// <param name="body">The body of the frame.</param>
    /// <param name="rest">The result, the exception or the answer.</param>
    /// <returns>The id of the call or control message.</returns>
    public static long ReadAnswerId(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> rest)
    {
        var reader = new CodecReader(body);
        var id = ReadId(ref reader);
        SkipFields(ref reader);
        rest = body[reader.Position..];
        return id;
    }

    /// <summary>Writes that the grain of a call is not here.</summary>
    public static void WriteNotOwner(FrameBuffer target, long id, long viewVersion) =>
        WriteNumbers(target, FrameKind.NotOwner, (ulong)id, (ulong)viewVersion);

    /// <summary>Reads the body of a frame that says that the grain is not here.</summary>
    public static (long Id, long ViewVersion) ReadNotOwner(ReadOnlySpan<byte> body)
    {
        var reader = new CodecReader(body);
        return (ReadId(ref reader), (long)reader.ReadVarint());
    }

    /// <summary>Writes a control message; <paramref name="id"/> 0: nobody waits for an answer.</summary>
    public static void WriteControl(FrameBuffer target, long id, byte kind, ReadOnlySpan<byte> body)
    {
        var mark = target.Begin(FrameKind.Control);
        var writer = new CodecWriter(target);
        writer.WriteVarint((ulong)id);
        writer.WriteNull();
        writer.WriteVarint((uint)kind);
        writer.WriteRaw(body);
        writer.Complete();
        writer.Dispose();
        target.End(mark);
    }

    /// <summary>Reads the body of a control message.</summary>
    /// <returns>Its id; 0 when nobody waits for an answer.</returns>
    public static long ReadControl(ReadOnlySpan<byte> body, out byte kind, out ReadOnlySpan<byte> message)
    {
        var id = ReadAnswerId(body, out var rest);
        if (rest.IsEmpty)
        {
            throw new CodecException("A control message without a kind.");
        }

        var reader = new CodecReader(rest);
        var number = reader.ReadVarint32();
        kind = number <= byte.MaxValue ? (byte)number : throw new CodecException("The kind of a control message is out of range.");
        message = rest[reader.Position..];
        return id;
    }

    /// <summary>Writes the answer to a control message.</summary>
    public static void WriteControlAnswer(FrameBuffer target, long id, ReadOnlySpan<byte> body)
    {
        var mark = target.Begin(FrameKind.ControlAnswer);
        var writer = new CodecWriter(target);
        writer.WriteVarint((ulong)id);
        writer.WriteNull();
        writer.WriteRaw(body);
        writer.Complete();
        writer.Dispose();
        target.End(mark);
    }

    /// <summary>Writes the last frame of a side that takes no more calls.</summary>
    public static void WriteGoAway(FrameBuffer target, string reason)
    {
        var mark = target.Begin(FrameKind.GoAway);
        var writer = new CodecWriter(target);
        writer.WriteText(reason);
        writer.Complete();
        writer.Dispose();
        target.End(mark);
    }

    /// <summary>Reads why the peer takes no more calls.</summary>
    public static string ReadGoAway(ReadOnlySpan<byte> body)
    {
        var reader = new CodecReader(body);
        return reader.ReadText() ?? "";
    }

    /// <summary>Writes a ping or a pong.</summary>
    public static void WriteProbe(FrameBuffer target, FrameKind kind, ulong number) => WriteNumbers(target, kind, number);

    /// <summary>Reads the number of a ping or a pong.</summary>
    public static ulong ReadProbe(ReadOnlySpan<byte> body)
    {
        var reader = new CodecReader(body);
        return reader.ReadVarint();
    }

    private static void WriteNumbers(FrameBuffer target, FrameKind kind, params ReadOnlySpan<ulong> numbers)
    {
        var mark = target.Begin(kind);
        var writer = new CodecWriter(target);
        foreach (var number in numbers)
        {
            writer.WriteVarint(number);
        }

        writer.Complete();
        writer.Dispose();
        target.End(mark);
    }

    private static long ReadId(ref CodecReader reader) =>
        reader.ReadVarint() is var id && id <= long.MaxValue ? (long)id : throw new CodecException("The id of a call is out of range.");

    // A text has its length plus one in front, so that 0 can stand for a GUID.
    private static void WriteKey(ref CodecWriter writer, in GrainKey key)
    {
        if (key.IsGuid)
        {
            writer.WriteNull();
            writer.WriteFixed64(key.High);
            writer.WriteFixed64(key.Low);
        }
        else
        {
            writer.WriteText(key.Text);
        }
    }

    private static GrainKey ReadKey(ref CodecReader reader)
    {
        if (reader.ReadText() is { } text)
        {
            return text.Length > 0 ? GrainKey.Of(text) : throw new CodecException("The key of a grain is empty.");
        }

        return new GrainKey(reader.ReadFixed64(), reader.ReadFixed64(), null);
    }

    private static void WriteTrace(ref CodecWriter writer, Activity? span)
    {
        // Of what nobody records the other side need not know.
        if (span is null || !(span.Recorded || span.IsAllDataRequested) || span.IdFormat != ActivityIdFormat.W3C)
        {
            writer.WriteNull();
            return;
        }

        var fields = writer.BeginNested();
        writer.WriteKey(TraceKey);
        Span<byte> trace = stackalloc byte[TraceBytes];
        span.TraceId.CopyTo(trace[..16]);
        span.SpanId.CopyTo(trace[16..24]);
        trace[24] = (byte)span.ActivityTraceFlags;
        writer.WriteBytes(trace);
        writer.EndNested(fields);
    }

    private static ActivityContext ReadTrace(ref CodecReader reader)
    {
        var trace = default(ActivityContext);
        if (!reader.TryBeginNested(out var outer))
        {
            return trace;
        }

        while (reader.TryReadKey(out var key))
        {
            if (key == TraceKey && reader.TryReadBytes(out var bytes))
            {
                trace = bytes.Length == TraceBytes
                    ? new ActivityContext(
                        ActivityTraceId.CreateFromBytes(bytes[..16]), ActivitySpanId.CreateFromBytes(bytes[16..24]),
                        (ActivityTraceFlags)(bytes[24] & 1), traceState: null, isRemote: true)
                    : throw new CodecException("A trace of a wrong length.");
            }
            else if (key != TraceKey)
            {
                reader.Skip(key);
            }
        }

        reader.EndNested(outer);
        return trace;
    }

    private static void SkipFields(ref CodecReader reader)
    {
        if (!reader.TryBeginNested(out var outer))
        {
            return;
        }

        while (reader.TryReadKey(out var key))
        {
            reader.Skip(key);
        }

        reader.EndNested(outer);
    }
}
