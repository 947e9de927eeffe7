using System.Collections.Concurrent;
using System.Reflection;
using Grid.Silo.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Runtime.Messaging;

namespace Grid.Gateway.Hosting;

/// <summary>
/// Repeats a read that no silo took or answered in time, while its deadline lasts: when a silo dies, the phones that
/// asked it see its successor's answer and no error. The only layer that retries. Changes are never repeated here: their
/// callers repeat them under the same id when they want to.
/// </summary>
internal sealed class ReadRetry(IOptions<SiloOptions> options, TimeProvider time) : IOutgoingGrainCallFilter
{
    private const int AttemptsMax = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<MethodInfo, bool> _reads = new();

    /// <inheritdoc/>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var from = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            if (await Try(context) is not { } fault)
                return;
            var again = attempt < AttemptsMax
                && fault is OrleansMessageRejectionException or ConnectionFailedException or ClientNotAvailableException
                && time.GetElapsedTime(from) + attempt * Pause < options.Value.ResponseTimeout
                && _reads.GetOrAdd(context.InterfaceMethod, IsRead);
            if (!again)
                return;
            await Task.Delay(attempt * Pause, time);
        }
    }

    // A failed call leaves its fault in the response; one that could not be sent throws.
    private static async Task<Exception?> Try(IOutgoingGrainCallContext context)
    {
        await context.Invoke();
        return context.Response?.Exception;
    }

    private static bool IsRead(MethodInfo method) =>
        method.IsDefined(typeof(ReadOnlyAttribute)) || method.IsDefined(typeof(AlwaysInterleaveAttribute));
}

/// <summary>Adds the retry where a call can leave the process.</summary>
internal static class ReadRetries
{
    /// <summary>Adds it in a cluster. A process that is alone has no other silo to ask.</summary>
    internal static void AddReadRetry(this IServiceCollection services, IConfiguration configuration)
    {
        if (GridClusterOptions.Of(configuration).Redis is { Length: > 0 })
            services.AddSingleton<IOutgoingGrainCallFilter, ReadRetry>();
    }
}
