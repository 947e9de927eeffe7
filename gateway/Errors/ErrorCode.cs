namespace Grid.Gateway.Errors;

/// <summary>One way in which the gateway refuses, with the status that goes with it. Clients act on <see cref="Code"/>.</summary>
/// <param name="Code">Stable and kebab-case; never re-used for another meaning.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What it means, the same for every occurrence.</param>
/// <param name="RetryAfterSeconds">When to try again, for what passes by itself; 0 for what does not.</param>
public sealed record ErrorCode(string Code, int Status, string Title, int RetryAfterSeconds = 0)
{
    private long _answers;

    /// <summary>Answers of this process that carried it.</summary>
    public long Answers => Volatile.Read(ref _answers);

    internal void CountAnswer() => Interlocked.Increment(ref _answers);
}
