namespace Grid.Engine;

/// <summary>Why an activation is dropped.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>No reason given.</summary>
    None,

    /// <summary>The silo shuts down.</summary>
    ShuttingDown,

    /// <summary>The grain could not be made, loaded or activated.</summary>
    ActivationFailed,

    /// <summary>Not used by this engine: it has no directory outside the silo.</summary>
    DirectoryFailure,

    /// <summary>It was idle for its collection age.</summary>
    ActivationIdle,

    /// <summary>It did not answer.</summary>
    ActivationUnresponsive,

    /// <summary>Another activation of the grain was there first.</summary>
    DuplicateActivation,

    /// <summary>Not used by this engine: it has no interface versions.</summary>
    IncompatibleRequest,

    /// <summary>An error of the grain, such as a write that met another version.</summary>
    ApplicationError,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested,

    /// <summary>The grain moves to another silo.</summary>
    Migrating,

    /// <summary>The runtime asked for it.</summary>
    RuntimeRequested,

    /// <summary>Memory is short and it was among the longest idle.</summary>
    HighMemoryPressure,
}

/// <summary>Why an activation is dropped, in words.</summary>
public readonly struct DeactivationReason
{
    /// <summary>A reason without an error.</summary>
    public DeactivationReason(DeactivationReasonCode code, string text)
        : this(code, null, text)
    {
    }

    /// <summary>A reason with the error behind it.</summary>
    public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
    {
        ReasonCode = code;
        Description = text;
        Exception = exception;
    }

    /// <summary>In words.</summary>
    public string Description { get; }

    /// <summary>As a code.</summary>
    public DeactivationReasonCode ReasonCode { get; }

    /// <summary>The error behind it, if any.</summary>
    public Exception? Exception { get; }

    /// <inheritdoc/>
    public override string ToString() => Exception is null
        ? $"{ReasonCode}: {Description}"
        : $"{ReasonCode}: {Description} ({Exception.GetType().Name}: {Exception.Message})";
}
