using Grid.Engine.Runtime;

namespace Grid.Engine;

/// <summary>The identity of a grain or of a reference.</summary>
public static class GrainExtensions
{
    /// <summary>A reference of another of the grain's interfaces, or of a grain to itself.</summary>
    /// <exception cref="InvalidCastException">The grain does not implement the interface.</exception>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.Cast<TGrainInterface>(),
        IGrainBase { GrainContext: Activation activation } => activation.Reference<TGrainInterface>(),
        _ => throw NoIdentity(grain),
    };

    /// <summary>The identity.</summary>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase { GrainContext: { } context } => context.GrainId,
        _ => throw NoIdentity(grain),
    };

    /// <summary>The GUID key.</summary>
    /// <exception cref="InvalidOperationException">The key is no GUID.</exception>
    public static Guid GetPrimaryKey(this IAddressable grain) => grain.GetGrainId().GetGuidKey();

    /// <summary>The string key; of a GUID its 32 digits.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    private static ArgumentException NoIdentity(IAddressable grain) =>
        new($"{grain?.GetType().FullName ?? "null"} is neither a grain that the engine made nor a reference to one.", nameof(grain));
}

/// <summary>GUID keys in identities.</summary>
public static class GrainIdKeyExtensions
{
    /// <summary>The key of a grain that is named by a GUID.</summary>
    public static IdSpan CreateGuidKey(Guid key) => new(GrainKey.Of(key));

    /// <summary>The key as a GUID, if it is one; there are no extended keys, so <paramref name="keyExt"/> is null.</summary>
    public static bool TryGetGuidKey(this GrainId grainId, out Guid key, out string? keyExt)
    {
        keyExt = null;
        return grainId.Key.TryGetGuid(out key);
    }

    /// <summary>The key as a GUID.</summary>
    /// <exception cref="InvalidOperationException">The key is no GUID.</exception>
    public static Guid GetGuidKey(this GrainId grainId) => grainId.Key.TryGetGuid(out var key)
        ? key
        : throw new InvalidOperationException($"The key of {grainId} is not a GUID.");
}

/// <summary>What a grain may ask of its activation.</summary>
public static class GrainBaseExtensions
{
    /// <summary>Drops the activation once the turns that run now are done.</summary>
    public static void DeactivateOnIdle(this IGrainBase grain) => grain.GrainContext.Deactivate(
        new(DeactivationReasonCode.ApplicationRequested, "The grain called DeactivateOnIdle."));

    /// <summary>
    /// Starts a timer of this activation. A tick is a turn; the next is due a period after it ends. Its token is
    /// cancelled when the timer is disposed or the activation goes.
    /// </summary>
    public static IGrainTimer RegisterGrainTimer<TState>(
        this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return GrainTimer.Start((Activation)grain.GrainContext, callback, state, options);
    }

    /// <inheritdoc cref="RegisterGrainTimer{TState}(IGrainBase, Func{TState, CancellationToken, Task}, TState, GrainTimerCreationOptions)"/>
    public static IGrainTimer RegisterGrainTimer(
        this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return grain.RegisterGrainTimer(static (run, token) => run(token), callback, options);
    }
}
