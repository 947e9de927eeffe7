using System.Collections.Concurrent;
using System.Reflection;
using Grid.Gateway.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Runtime.Messaging;

namespace Grid.Gateway.Calls;

/// <summary>
/// Ends every grain call of the gateway at the request's deadline. Until then it repeats a read that no silo answered,
/// so that a silo's death shows no error on phones. It never repeats a change: the caller does, under the same id.
/// <see cref="Imports.LineImport"/> does so for the lines of an import.
/// </summary>
internal sealed class GrainCalls(IOptions<GatewayOptions> options, TimeProvider time) : IOutgoingGrainCallFilter
{
    private const int MaxAttempts = 6;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<MethodInfo, bool> _reads = new();

    /// <inheritdoc/>
    /// <exception cref="TimeoutException">The deadline has passed. The outcome of a change is unknown.</exception>
    // Grains in this process call through this filter too, but the deadline bounds only the outermost call.
    public Task Invoke(IOutgoingGrainCallContext context) =>
        context.SourceId is { } source && !source.IsClient() ? context.Invoke() : InvokeAsync(context);

    private async Task InvokeAsync(IOutgoingGrainCallContext context)
    {
        var deadline = RequestDeadline.Current?.End;
        var end = deadline ?? RequestDeadline.EndFrom(time, options.Value.CallDeadline);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Without a deadline, the first attempt relies on Orleans' own time-out and needs no timer. With one,
                // Left throws before a call that is already too late.
                await (
                    deadline is null && attempt == 1 ? context.Invoke() : context.Invoke().WaitAsync(Left(end), time)
                );
                // For a call that was sent, Orleans returns the exception in the response.
                if (context.Response?.Exception is not { } failed || !CanRepeat(context, failed, attempt, end))
                    return;
            }
            catch (Exception exception) when (CanRepeat(context, exception, attempt, end))
            {
                // The call could not be sent; repeat it.
            }

            await Task.Delay(attempt * Pause, time);
        }
    }

    private bool CanRepeat(IOutgoingGrainCallContext context, Exception exception, int attempt, long end) =>
        attempt < MaxAttempts
        && IsUnanswered(exception)
        && _reads.GetOrAdd(context.InterfaceMethod, IsRead)
        && time.GetElapsedTime(time.GetTimestamp(), end) > attempt * Pause;

    private static bool IsUnanswered(Exception exception) =>
        exception
            is OrleansMessageRejectionException
                or ConnectionFailedException
                or ClientNotAvailableException
                or SiloUnavailableException
                or NotServingException;

    private TimeSpan Left(long end)
    {
        var left = time.GetElapsedTime(time.GetTimestamp(), end);
        return left > TimeSpan.Zero ? left : throw new TimeoutException("The deadline of the request has passed.");
    }

    private static bool IsRead(MethodInfo method) => method.IsDefined(typeof(ReadOnlyAttribute));
}
