using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Grid.Bench.Baselines;

/// <summary>One connection to Redis: commands are sent as they come, what waits goes in one piece, answers come in their order.</summary>
internal sealed class RedisConnection(IPEndPoint server) : IAsyncDisposable
{
    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource<byte[]?>> _waiting = new();
    private ArrayBufferWriter<byte> _filling = new();
    private ArrayBufferWriter<byte> _sending = new();
    private bool _isSending;
    private Task _reading = Task.CompletedTask;

    public async Task OpenAsync(CancellationToken cancel)
    {
        await _socket.ConnectAsync(server, cancel);
        _reading = ReadAsync();
    }

    /// <summary>The answer: a value, null for none, an empty array for a plain OK.</summary>
    public Task<byte[]?> SendAsync(params ReadOnlySpan<string> words)
    {
        var answer = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            Write($"*{words.Length}\r\n");
            foreach (var word in words)
                Write($"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
            _waiting.Enqueue(answer);
            if (_isSending)
                return answer.Task;
            _isSending = true;
        }

        _ = FlushAsync();
        return answer.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, _filling);

    private async Task FlushAsync()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_filling.WrittenCount == 0)
                {
                    _isSending = false;
                    return;
                }

                (_filling, _sending) = (_sending, _filling);
            }

            for (var rest = _sending.WrittenMemory; !rest.IsEmpty;)
                rest = rest[await _socket.SendAsync(rest)..];
            _sending.ResetWrittenCount();
        }
    }

    private async Task ReadAsync()
    {
        var pipe = PipeReader.Create(new NetworkStream(_socket));
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync();
                var rest = read.Buffer;
                while (TryRead(ref rest, out var value))
                    Take().SetResult(value);
                pipe.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                    throw new IOException("Redis has closed the connection.");
            }
        }
        catch (Exception fault)
        {
            lock (_lock)
            {
                while (_waiting.TryDequeue(out var answer))
                    answer.SetException(fault);
            }
        }
    }

    private TaskCompletionSource<byte[]?> Take()
    {
        lock (_lock)
            return _waiting.Dequeue();
    }

    // +OK, :1, -ERR …, $5 and five bytes, $-1 for none.
    private static bool TryRead(ref ReadOnlySequence<byte> buffer, out byte[]? value)
    {
        value = [];
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, LineEnd))
            return false;
        var head = line.IsSingleSegment ? line.FirstSpan : line.ToArray();
        if (head[0] == (byte)'-')
            throw new IOException(Encoding.UTF8.GetString(head));
        if (head[0] == (byte)'$')
        {
            Utf8Parser.TryParse(head[1..], out int length, out _);
            if (length < 0)
                value = null;
            else if (reader.Remaining < length + LineEnd.Length)
                return false;
            else
            {
                value = new byte[length];
                reader.TryCopyTo(value);
                reader.Advance(length + LineEnd.Length);
            }
        }

        buffer = buffer.Slice(reader.Position);
        return true;
    }
}
