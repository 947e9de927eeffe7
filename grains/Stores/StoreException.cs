namespace Grid;

/// <summary>The store could not do what the caller asked.</summary>
/// <param name="code">One of <see cref="StoreErrorCodes"/>.</param>
/// <param name="message">Text for the operator.</param>
/// <param name="cause">The exception behind this one.</param>
public sealed class StoreException(string code, string message, Exception? cause = null)
    : OrleansException(message, cause!)
{
    /// <summary>One of <see cref="StoreErrorCodes"/>.</summary>
    public string Code { get; } = code;
}
