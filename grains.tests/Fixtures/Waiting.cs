namespace Grid.Tests.Fixtures;

/// <summary>Waits for what comes about by itself, within the tests' patience.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns when it holds.</summary>
    internal static async Task UntilAsync(Func<bool> holds, string phase)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (TimeProvider.System.GetElapsedTime(startedAt) > Patience)
                throw new TimeoutException($"Not within {Patience}: {phase}.");
            await Task.Delay(Pause);
        }
    }
}
