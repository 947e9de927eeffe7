using System.Net;
using System.Net.Sockets;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Driving;

internal enum Progress
{
    /// <summary>Wait for the socket.</summary>
    Pending,
    Answered,
    Broken,
}

/// <summary>One keep-alive connection with at most one request in flight, like a phone's.</summary>
internal sealed class Connection(int slot)
{
    private const int ReceiveBytesFirst = 16 * 1024;

    private byte[] _received = new byte[ReceiveBytesFirst];
    private int _receivedLength;
    private int _sent;

    public int Slot { get; } = slot;

    public Socket? Socket { get; private set; }

    public RequestBuffer Request { get; } = new();

    public bool IsBusy { get; set; }

    /// <summary>Whether it is in its worker's stack of connections without a request.</summary>
    public bool IsIdle { get; set; }

    public bool IsWaitingToWrite { get; set; }

    public RequestTag Tag { get; set; }

    /// <summary>When the request was due (open loop) or sent (closed loop).</summary>
    public long IntendedTicks { get; set; }

    /// <summary>How often the request was sent before; 0 for the first time.</summary>
    public int Attempt { get; set; }

    /// <summary>When this attempt was due: as intended for the first, after the pause for a retry.</summary>
    public long AttemptDueTicks { get; set; }

    public long SentTicks { get; set; }

    /// <summary>No attempt to connect before this time.</summary>
    public long ConnectAfterTicks { get; set; }

    public long BytesReceived { get; private set; }

    /// <param name="server">The address to connect to.</param>
    /// <param name="source">The local address; null for the default.</param>
    public bool TryConnect(IPEndPoint server, IPAddress? source = null)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is not null)
                socket.Bind(new IPEndPoint(source, 0));
            // Blocks: on the machines that this tool is for, a connect succeeds or is refused at once.
            socket.Connect(server);
            socket.Blocking = false;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }
        Socket = socket;
        _receivedLength = 0;
        return true;
    }

    public void Close()
    {
        Socket?.Dispose();
        Socket = null;
        IsBusy = false;
        IsWaitingToWrite = false;
    }

    public Progress Send()
    {
        _sent = 0;
        return ContinueSend();
    }

    public Progress ContinueSend()
    {
        while (_sent < Request.Length)
        {
            var count = Socket!.Send(Request.Written[_sent..], SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                return Progress.Pending;
            if (error != SocketError.Success)
                return Progress.Broken;
            _sent += count;
        }
        return Progress.Answered;
    }

    public bool IsSent => _sent >= Request.Length;

    /// <summary>
    /// Receives what is available. A complete answer is handed out, and stays valid until <see cref="Consume"/>.
    /// </summary>
    public Progress Receive(out Response response)
    {
        response = default;
        if (_receivedLength == _received.Length)
        {
            if (_received.Length >= ResponseParser.BodyBytesMax + ResponseParser.MaxHeadBytes)
                return Progress.Broken;
            Array.Resize(ref _received, _received.Length * 2);
        }
        var count = Socket!.Receive(_received.AsSpan(_receivedLength), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return Progress.Pending;
        if (error != SocketError.Success || count == 0)
            return Progress.Broken;
        _receivedLength += count;
        BytesReceived += count;
        return ResponseParser.TryParse(_received.AsSpan(0, _receivedLength), out response) switch
        {
            ParseState.Complete => Progress.Answered,
            ParseState.Incomplete => Progress.Pending,
            _ => Progress.Broken,
        };
    }

    /// <summary>Discards an answer. Unexpected bytes after it make the connection unusable.</summary>
    public bool Consume(int length)
    {
        var isClean = _receivedLength == length;
        _receivedLength = 0;
        return isClean;
    }
}
