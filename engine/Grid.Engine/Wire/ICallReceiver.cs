using System.Diagnostics;
using Grid.Engine.Runtime;

namespace Grid.Engine.Wire;

/// <summary>
/// The engine as those see it who bring it calls: the network brings those of other silos, a router those that waited.
/// A service of every engine.
/// </summary>
public interface ICallReceiver
{
    /// <summary>
    /// Makes a call of another silo here, or answers that its grain is not here: it is never sent on to a third silo.
    /// Short calls of hot grains run on the calling thread and are answered before this returns. Never throws, never blocks.
    /// </summary>
    void Receive(in InboundCall call, ICallReplies replies);

    /// <summary>
    /// Routes a call anew that its transport gave back or that a router had parked. The caller of this owns the call no
    /// longer. Never throws, never blocks.
    /// </summary>
    void Dispatch(PendingCall call);
}

/// <summary>A call as it came from another silo; valid as long as the bytes that it was read from.</summary>
public readonly ref struct InboundCall
{
    /// <summary>The sender's number of the call; comes back with the answer.</summary>
    public required long Id { get; init; }

    /// <summary>Names the grain type, see <see cref="GrainTypeIds"/>.</summary>
    public required uint TypeId { get; init; }

    /// <summary>The grain's key.</summary>
    public required GrainKey Key { get; init; }

    /// <summary>Names the method, see <see cref="GrainMethod.Id"/>.</summary>
    public required uint MethodId { get; init; }

    /// <summary>How long the caller will still wait, in milliseconds; the call ends here with a time-out then.</summary>
    public required uint RemainingMs { get; init; }

    /// <summary>The caller's trace, or default when it is not traced.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>What <see cref="PendingCall.WriteArguments"/> wrote.</summary>
    public required ReadOnlySpan<byte> Arguments { get; init; }
}

/// <summary>
/// Takes the answers of inbound calls, each exactly once, on any thread, also while <see cref="ICallReceiver.Receive"/>
/// still runs. Keeps nothing that it is given: it writes at once, or drops the answer if the caller is gone.
/// </summary>
public interface ICallReplies
{
    /// <summary>The call ended well; <see cref="PendingCall.WriteResult"/> writes its result.</summary>
    void Answer(long id, PendingCall call);

    /// <summary>The call ended with an exception.</summary>
    void Fail(long id, Exception error);

    /// <summary>The grain is not here; nothing was done.</summary>
    /// <param name="id">The sender's number of the call.</param>
    /// <param name="viewVersion">The version of the view of <see cref="IGrainRouter"/>.</param>
    void NotOwner(long id, long viewVersion);
}

/// <summary>How grain types are named between silos.</summary>
public static class GrainTypeIds
{
    /// <summary>FNV-1a of the type name's UTF-16 code units; two types of one engine may not have the same.</summary>
    public static uint Of(string typeName)
    {
        ArgumentNullException.ThrowIfNull(typeName);
        var hash = 2166136261u;
        foreach (var character in typeName)
        {
            hash = unchecked((hash ^ character) * 16777619u);
        }

        return hash;
    }
}
