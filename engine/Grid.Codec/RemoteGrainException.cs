namespace Grid.Codec;

/// <summary>
/// Stands for an exception of a grain in another process whose type is not known here: it keeps the name and the message,
/// not the type.
/// </summary>
public sealed class RemoteGrainException : Exception
{
    /// <summary>Stands for an exception.</summary>
    /// <param name="typeName">The full name of its type.</param>
    /// <param name="message">Its message.</param>
    /// <param name="inner">Its inner exception.</param>
    public RemoteGrainException(string typeName, string message, Exception? inner = null)
        : base(message, inner) => TypeName = typeName;

    /// <summary>The full name of the type that the exception had where it was thrown.</summary>
    public string TypeName { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{base.ToString()}{Environment.NewLine}(thrown as {TypeName})";
}
