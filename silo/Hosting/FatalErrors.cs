using Grid.Silo.Cluster;

namespace Grid.Silo.Hosting;

/// <summary>
/// Shuts the gate and ends the process at once when Orleans finds that the cluster counts this silo as dead. Orleans' own handler
/// lets it answer for two more seconds, in which it could show a colour that its successor has changed.
/// </summary>
/// <param name="gate">The gate; null in a process that is alone.</param>
internal sealed class FatalErrors(Gate? gate = null) : IFatalErrorHandler
{
    /// <inheritdoc/>
    public bool IsUnexpected(Exception exception) => true;

    /// <inheritdoc/>
    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        gate?.ShutForEver();
        // Straight to the stream: a queue of a log would not be written any more.
        Console.Error.WriteLine(
            $"The silo ends at once: {context ?? "a fatal error"} {exception?.Message}".ReplaceLineEndings(" ")
        );
        Environment.FailFast(context, exception);
    }
}
