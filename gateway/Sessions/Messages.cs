using Grid.Gateway.Errors;

namespace Grid.Gateway.Sessions;

/// <summary>Sends messages in the background, a bounded number at once.</summary>
internal sealed partial class Messages(INotifier notifier, ILogger<Messages> logger)
{
    /// <summary>Upper bound of messages in flight.</summary>
    internal const int MaxInFlight = 10_000;

    private int _inFlight;

    /// <summary>Runs work in the background: the caller must not learn its outcome.</summary>
    /// <exception cref="RefusedException"><see cref="MaxInFlight"/> messages are in flight.</exception>
    internal void Behind(Func<Task> work)
    {
        if (Interlocked.Increment(ref _inFlight) > MaxInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            throw new RefusedException(ErrorCodes.Overloaded);
        }
        _ = RunAsync(work);
    }

    internal Task SendAsync(OneTimeCode message) => notifier.SendAsync(message, CancellationToken.None);

    internal Task SendAsync(Notice message) => notifier.SendAsync(message, CancellationToken.None);

    private async Task RunAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception exception)
        {
            NotSent(logger, exception);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "A message to a phone could not be sent")]
    private static partial void NotSent(ILogger logger, Exception exception);
}
