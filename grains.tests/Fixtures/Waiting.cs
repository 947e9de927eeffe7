using System.Net;

namespace Grid.Tests.Fixtures;

/// <summary>Polls a condition that another thread, process or server fulfils, up to a deadline.</summary>
internal static class Waiting
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns when the condition holds.</summary>
    /// <param name="phase">Names the condition in the message of the time-out.</param>
    /// <param name="details">Adds text to that message, such as process logs.</param>
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

    /// <summary>Returns whether the condition held in time.</summary>
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

    /// <summary>Repeats a call while the answer is 503, and returns the first other answer.</summary>
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
