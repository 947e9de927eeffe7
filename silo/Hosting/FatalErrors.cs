using Grid.Silo.Cluster;

namespace Grid.Silo.Hosting;

/// <summary>
/// Shuts the gate and ends the process at once when Orleans learns that the cluster declared this silo dead. Orleans'
/// own handler keeps answering for two more seconds and could show a colour that the successor has changed.
/// </summary>
/// <param name="gate">The gate; null in a process without a cluster.</param>
internal sealed class FatalErrors(Gate? gate = null) : IFatalErrorHandler
{
    /// <inheritdoc/>
    public bool IsUnexpected(Exception exception) => true;

    /// <inheritdoc/>
    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        gate?.ShutForEver();
        // Write to stderr directly: a queued log line would be lost when the process ends.
        Console.Error.WriteLine(
            $"The silo ends at once: {context ?? "a fatal error"} {exception?.Message}".ReplaceLineEndings(" ")
        );
        Environment.FailFast(context, exception);
    }
}
