using Grid.Codec;
using Grid.Engine.Wire;

namespace Grid.Tests.Wire;

/// <summary>A session without a connection: a test brings its bytes and takes them.</summary>
internal sealed class LooseSession : IDisposable
{
    private readonly WireMetrics _metrics;

    internal LooseSession(WireNode node, WireOptions? options = null, TimeProvider? time = null, IControlHandler? handler = null)
    {
        options ??= WireNode.Options();
        _metrics = new WireMetrics(null, TimeProvider.System, static () => [], static () => null);
        var parts = new SessionParts(options, time ?? TimeProvider.System, _metrics, node.Engine.Engine)
        {
            Handler = () => handler,
            Queue = static item => item.Execute(),
            Left = static (_, _) => { },
        };
        Session = new WireSession(parts, new Hello(1, 1) { CallsMax = options.CallsMax }, () => Wakes++);
    }

    internal WireSession Session { get; }

    /// <summary>How often it asked to be sent.</summary>
    internal int Wakes { get; private set; }

    public void Dispose()
    {
        Session.Close("The test is over.");
        _metrics.Dispose();
    }

    /// <summary>What it wants to send.</summary>
    internal byte[] Take()
    {
        var bytes = new List<byte>();
        while (Session.TryTake(out var part))
        {
            bytes.AddRange(part.Span);
        }

        return [.. bytes];
    }

    /// <summary>Brings it bytes that may be anything.</summary>
    internal void ConsumeOrRefuse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Session.Consume(bytes);
        }
        catch (CodecException)
        {
            // Refused, as it should be.
        }
    }
}
