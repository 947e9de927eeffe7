using System.Buffers;
using System.Net.Sockets;
using Grid.Codec;

namespace Grid.Engine.Wire;

/// <summary>Why a connection ended.</summary>
internal enum LinkEnd
{
    /// <summary>One side had said farewell, and nothing was under way.</summary>
    Farewell,

    /// <summary>The connection broke, or the other process did.</summary>
    Closed,

    /// <summary>Nothing came for too long.</summary>
    Silent,

    /// <summary>What came was damaged.</summary>
    Damaged,
}

/// <summary>
/// One connection: drives a <see cref="WireSession"/> with a stream. One thread at a time reads and serves what it read;
/// one at a time sends, all that waits at once.
/// </summary>
internal sealed class SocketLink : IThreadPoolWorkItem
{
    private const int ReadBytes = 64 * 1024;

    private readonly SessionParts _parts;
    private readonly Socket _socket;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
    private int _start;
    private int _end;
    private readonly Stream _stream;
    private int _ended = -1;
    private TaskCompletionSource? _room;

    /// <param name="parts">What all connections share.</param>
    /// <param name="socket">Connected.</param>
    /// <param name="stream">The socket's stream, or TLS on it.</param>
    /// <param name="isAccepted">Whether the other side has connected.</param>
    internal SocketLink(SessionParts parts, Socket socket, Stream stream, bool isAccepted)
    {
        _parts = parts;
        _socket = socket;
        _stream = stream;
        IsAccepted = isAccepted;
    }

    internal bool IsAccepted { get; }

    /// <summary>There when both have said who they are.</summary>
    internal WireSession? Session { get; private set; }

    /// <summary>Both sides say who they are.</summary>
    /// <exception cref="WireVersionException">They speak no common version, or the other side refuses for another reason.</exception>
    /// <exception cref="WireGridException">The other side is of another grid.</exception>
    /// <exception cref="CodecException">The other side is no silo and no gateway.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    internal async Task GreetAsync(Hello own, CancellationToken cancellationToken)
    {
        if (!IsAccepted)
        {
            await SendAsync(own.Write, cancellationToken).ConfigureAwait(false);
        }

        Hello peer;
        int version;
        try
        {
            peer = await ReadHelloAsync(cancellationToken).ConfigureAwait(false);
            version = own.Agree(peer);
        }
        catch (Exception refusal) when (IsAccepted && refusal is WireVersionException or WireGridException)
        {
            await SendAsync(frames => Frames.WriteGoAway(frames, refusal.Message), cancellationToken).ConfigureAwait(false);
            throw;
        }

        if (IsAccepted)
        {
            await SendAsync(own.Write, cancellationToken).ConfigureAwait(false);
        }

        Session = new WireSession(_parts, peer, Wake) { Version = version };
    }

    /// <summary>Reads and serves until the connection ends.</summary>
    internal async Task<LinkEnd> RunAsync()
    {
        var session = Session!;
        var end = LinkEnd.Closed;
        try
        {
            while (true)
            {
                _start += session.Consume(_buffer.AsSpan(_start, _end - _start));
                MakeRoom();
                if (session.IsFull && IsAccepted)
                {
                    await RoomAsync(session).ConfigureAwait(false);
                    continue;
                }

                if (session is { IsLeaving: true, Outbound: 0, Inbound: 0 })
                {
                    break;
                }

                var read = await _stream.ReadAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                _end += read;
            }
        }
        catch (CodecException)
        {
            end = LinkEnd.Damaged;
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // The usual end of a connection whose other side is gone.
        }

        if (Interlocked.CompareExchange(ref _ended, (int)end, -1) is var earlier and >= 0)
        {
            end = (LinkEnd)earlier;
        }
        else if (end == LinkEnd.Closed && (session.IsLeaving || IsFarewell))
        {
            end = LinkEnd.Farewell;
        }

        await DisposeAsync().ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(_buffer);
        return end;
    }

    /// <summary>Whether this side has said farewell.</summary>
    internal bool IsFarewell { get; set; }

    /// <summary>Breaks the connection.</summary>
    internal void Abort(LinkEnd end)
    {
        Interlocked.CompareExchange(ref _ended, (int)end, -1);
        _socket.Dispose();
        Volatile.Read(ref _room)?.TrySetResult();
    }

    /// <summary>The session has something to send.</summary>
    void IThreadPoolWorkItem.Execute() => _ = FlushAsync();

    /// <summary>Closes the connection; the session is to be closed by whoever runs it.</summary>
    internal async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        try
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // It is closed, whatever it had to say to that.
        }
    }

    // On the pool and not here: while this item waits for its thread, calls of other threads gather behind the first, and
    // all go out in one packet. The busier the process, the larger the packets.
    private void Wake() => _parts.Queue(this);

    private async Task FlushAsync()
    {
        try
        {
            while (Session!.TryTake(out var bytes))
            {
                await _stream.WriteAsync(bytes).ConfigureAwait(false);
                Volatile.Read(ref _room)?.TrySetResult();
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            Abort(LinkEnd.Closed);
        }
    }

    // The other side does not take its answers: it gets no more of them to fetch before it has.
    private async Task RoomAsync(WireSession session)
    {
        while (session.IsFull && Volatile.Read(ref _ended) < 0)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _room, room);
            if (session.IsFull && Volatile.Read(ref _ended) < 0)
            {
                await room.Task.ConfigureAwait(false);
            }
        }

        Volatile.Write(ref _room, null);
        session.Pardon();
    }

    // Keeps room behind what came for the rest of the frame that it begins.
    private void MakeRoom()
    {
        var left = _end - _start;
        if (left == 0)
        {
            _start = _end = 0;
            if (_buffer.Length > 4 * ReadBytes)
            {
                Resize(ReadBytes);
            }

            return;
        }

        var needed = Frames.NeededBytes(_buffer.AsSpan(_start, left), WireLimits.FrameBytesMax);
        if (needed > _buffer.Length)
        {
            Resize(needed);
        }
        else if (_start > 0 && (_start + needed > _buffer.Length || _end == _buffer.Length))
        {
            _buffer.AsSpan(_start, left).CopyTo(_buffer);
            (_start, _end) = (0, left);
        }
    }

    private void Resize(int bytes)
    {
        var former = _buffer;
        _buffer = ArrayPool<byte>.Shared.Rent(bytes);
        former.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        ArrayPool<byte>.Shared.Return(former);
    }

    private async Task SendAsync(Action<FrameBuffer> write, CancellationToken cancellationToken)
    {
        using var frames = new FrameBuffer();
        write(frames);
        await _stream.WriteAsync(frames.Written, cancellationToken).ConfigureAwait(false);
        await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<Hello> ReadHelloAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryReadHello() is { } hello)
            {
                return hello;
            }

            var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            _end += read > 0 ? read : throw new IOException("The other side closed the connection before it said who it is.");
        }
    }

    private Hello? TryReadHello()
    {
        var used = Frames.TryRead(_buffer.AsSpan(_start, _end - _start), Hello.BytesMax, out var kind, out var body);
        if (used == 0)
        {
            return null;
        }

        _start += used;
        return kind switch
        {
            FrameKind.Hello => Hello.Read(body),
            FrameKind.GoAway => throw new WireVersionException(Frames.ReadGoAway(body)),
            _ => throw new CodecException("The other side does not say who it is."),
        };
    }
}
