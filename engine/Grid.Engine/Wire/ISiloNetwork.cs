using Grid.Engine.Runtime;

namespace Grid.Engine.Wire;

/// <summary>
/// The way to other processes of a grid: sockets, or the network of a simulator. All members may be called on any thread
/// and never block.
/// </summary>
public interface ISiloNetwork
{
    /// <summary>
    /// The way to the silo at an address; it connects when it is used, and again after it was lost. Cheap, but not free: a
    /// router asks once for each member of its view and keeps the answer as long as the member is in it.
    /// </summary>
    /// <param name="address">Where the silo listens.</param>
    /// <param name="returns">Who takes back the calls that were certainly not made, or may be made twice.</param>
    IGrainTransport To(SiloAddress address, ICallReturns returns);

    /// <summary>Sends a control message to a silo and waits for its answer.</summary>
    /// <param name="to">Where the silo listens.</param>
    /// <param name="kind">What it is; the sender's and the receiver's <see cref="IControlHandler"/> agree on it.</param>
    /// <param name="body">At most <see cref="WireLimits.ControlBytesMax"/>.</param>
    /// <param name="deadline">How long to wait for connection, message and answer together.</param>
    /// <exception cref="TimeoutException">No answer in time, or the connection was lost: whether it was handled is unknown.</exception>
    /// <exception cref="Hosting.GrainUnavailableException">The silo can't be reached: it was not handled.</exception>
    /// <exception cref="Grid.Codec.RemoteGrainException">The handler threw; the exception has type and message if the type is a known one.</exception>
    Task<ReadOnlyMemory<byte>> AskAsync(SiloAddress to, byte kind, ReadOnlyMemory<byte> body, TimeSpan deadline);

    /// <summary>
    /// Sends a control message to all who are connected to this silo at the moment, gateways too. Nobody answers and a
    /// message may be lost with its connection: who must know asks again.
    /// </summary>
    void Push(byte kind, ReadOnlyMemory<byte> body);

    /// <summary>
    /// Whether nothing listens at an address for certain: its machine answers and refuses. A silo listens for as long as it lives, so the
    /// one that was there has ended. Silence proves nothing.
    /// </summary>
    Task<bool> IsRefusedAsync(SiloAddress address);

    /// <summary>Says who handles control messages. Once, before the first message.</summary>
    void Attach(IControlHandler handler);
}

/// <summary>Handles what the cluster's nodes say to each other.</summary>
public interface IControlHandler
{
    /// <summary>
    /// Handles a message. Called on a thread of the network; what takes long must be awaited. The body is valid until
    /// the task has ended.
    /// </summary>
    /// <returns>The answer; it is dropped when the message was pushed.</returns>
    ValueTask<ReadOnlyMemory<byte>> HandleAsync(byte kind, ReadOnlyMemory<byte> body);

    /// <summary>
    /// The last connection to a silo was lost, or no new one could be made: a hint to look whether it lives. May be called
    /// often and late.
    /// </summary>
    void OnLost(SiloAddress silo)
    {
    }
}

/// <summary>Takes calls back that a transport could not bring to an end. Never throws, never blocks.</summary>
public interface ICallReturns
{
    /// <summary>
    /// Takes a call back. Its owner is again the one who sent it: it may be sent another way, parked, given to
    /// <see cref="ICallReceiver.Dispatch"/>, or ended; its time-out still runs.
    /// </summary>
    /// <param name="call">The call; it may have ended by time-out meanwhile, see <see cref="PendingCall.IsEnded"/>.</param>
    /// <param name="reason">Why.</param>
    /// <param name="viewVersion">With <see cref="ReturnReason.NotOwner"/> the version of the view that the other silo had; else 0.</param>
    void Return(PendingCall call, ReturnReason reason, long viewVersion);
}

/// <summary>Why a call came back.</summary>
public enum ReturnReason
{
    /// <summary>The silo does not own the grain's partition, by its view. Nothing was done.</summary>
    NotOwner,

    /// <summary>There was no connection, or it was lost before the call was on it. Nothing was done.</summary>
    NotSent,

    /// <summary>
    /// The connection was lost before the answer came, but the method is <see cref="ReadOnlyAttribute">read-only</see>:
    /// making the call again harms nobody.
    /// </summary>
    Unanswered,
}

/// <summary>What the wire refuses, so that no peer can take the process with it.</summary>
public static class WireLimits
{
    /// <summary>The longest frame, its length included: arguments or result of one call.</summary>
    public const int FrameBytesMax = 4 * 1024 * 1024;

    /// <summary>The longest body of a control message or of its answer.</summary>
    public const int ControlBytesMax = 1024 * 1024;
}
