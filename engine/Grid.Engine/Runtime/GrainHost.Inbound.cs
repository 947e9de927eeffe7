using System.Collections.Frozen;

namespace Grid.Engine.Runtime;

/// <summary>What calls of other silos ask for.</summary>
public sealed partial class GrainHost
{
    private FrozenDictionary<uint, InboundMethod>? _inbound;

    /// <summary>The method with this id of one of the class' interfaces.</summary>
    internal InboundMethod? Inbound(uint methodId) => (_inbound ??= Engine.InboundMethodsOf(this)).GetValueOrDefault(methodId);

    /// <summary>Takes the turn for an inbound call, if its grain is active here and free.</summary>
    internal bool TryEnter(PendingCall call, out GrainTurn turn)
    {
        if (IsDirect && Gate is not { IsOpen: false } && Table.Peek(call.Key.Partition) is { } stripe && stripe.Find(call.Key) is { } activation)
        {
            var caller = SynchronizationContext.Current;
            if (activation.TryTake(call.Method, caller))
            {
                stripe.Turns++;
                SynchronizationContext.SetSynchronizationContext(activation);
                turn = new GrainTurn(activation, caller, call.Method);
                return true;
            }
        }

        turn = default;
        return false;
    }

    /// <summary>A method, and what makes its calls.</summary>
    internal sealed record InboundMethod(GrainMethod Method, ProxyFactory Proxies);
}
