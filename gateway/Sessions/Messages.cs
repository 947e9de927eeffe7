using Grid.Gateway.Errors;

namespace Grid.Gateway.Sessions;

/// <summary>Sends messages behind the answer of a call, a bounded number at once.</summary>
internal sealed partial class Messages(INotifier notifier, ILogger<Messages> logger)
{
    /// <summary>Messages that are made or sent at once.</summary>
    internal const int MaxInFlight = 10_000;

    private int _inFlight;

    /// <summary>Does something whose outcome the caller of the gateway must not learn.</summary>
    /// <exception cref="RefusedException">Too much of it is under way.</exception>
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
        catch (Exception fault)
        {
            NotSent(logger, fault);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "A message to a phone could not be sent")]
    private static partial void NotSent(ILogger logger, Exception fault);
}
