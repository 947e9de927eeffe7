using System.Net;

namespace Grid.Tests.Fixtures;

/// <summary>Waits for a condition that another thread, process or server brings about, up to a deadline.</summary>
internal static class Waiting
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns when the condition holds.</summary>
    /// <param name="phase">What is waited for, as the message of the time-out says it.</param>
    /// <param name="details">What else that message says, such as the logs of processes.</param>
    internal static async Task UntilAsync(
        Func<Task<bool>> holds,
        string phase,
        TimeSpan? patience = null,
        Func<string>? details = null
    )
    {
        if (!await WithinAsync(holds, patience ?? DefaultPatience))
            throw new TimeoutException($"Not within {patience ?? DefaultPatience}: {phase}.\n{details?.Invoke()}");
    }

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, string, TimeSpan?, Func{string}?)"/>
    internal static Task UntilAsync(
        Func<bool> holds,
        string phase,
        TimeSpan? patience = null,
        Func<string>? details = null
    ) => UntilAsync(() => Task.FromResult(holds()), phase, patience, details);

    /// <summary>Returns whether the condition came to hold in time.</summary>
    internal static async Task<bool> WithinAsync(Func<Task<bool>> holds, TimeSpan patience)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(startedAt) > patience)
                return false;
            await Task.Delay(Pause);
        }

        return true;
    }

    /// <summary>Sends a call again while the answer is 503, as its caller may, and returns the other answer.</summary>
    internal static async Task<TAnswer> AnsweredAsync<TAnswer>(
        Func<Task<TAnswer>> call,
        string phase,
        TimeSpan? patience = null
    )
        where TAnswer : Answer
    {
        TAnswer? answer = null;
        await UntilAsync(
            async () => (answer = await call()).Status != HttpStatusCode.ServiceUnavailable,
            phase,
            patience
        );
        return answer!;
    }
}
