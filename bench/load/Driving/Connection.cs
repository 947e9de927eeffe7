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

/// <summary>One keep-alive connection with at most one request under way, as a phone has it.</summary>
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

    /// <summary>It stands in its worker's stack of connections without a request.</summary>
    public bool IsIdle { get; set; }

    public bool IsWaitingToWrite { get; set; }

    public RequestTag Tag { get; set; }

    /// <summary>When the request was meant to be sent (open loop), or was sent (closed loop).</summary>
    public long IntendedTicks { get; set; }

    /// <summary>How often the request was sent before; 0 for the first time.</summary>
    public int Attempt { get; set; }

    /// <summary>When this attempt was due: as intended for the first, after its pause for another.</summary>
    public long AttemptDueTicks { get; set; }

    public long SentTicks { get; set; }

    /// <summary>No attempt to connect before this time.</summary>
    public long ConnectAfterTicks { get; set; }

    public long BytesReceived { get; private set; }

    /// <param name="server">Where to.</param>
    /// <param name="source">The own address; null for the usual one.</param>
    public bool TryConnect(IPEndPoint server, IPAddress? source = null)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is not null)
                socket.Bind(new IPEndPoint(source, 0));
            // Blocking, because it is instant or refused at once on the machines that this tool is for.
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

    /// <summary>Takes what has come; when the answer is whole it is handed out, and stays valid until <see cref="Consume"/>.</summary>
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

    /// <summary>Forgets an answer that was looked at. What follows it unasked makes the connection useless.</summary>
    public bool Consume(int length)
    {
        var isClean = _receivedLength == length;
        _receivedLength = 0;
        return isClean;
    }
}
