namespace Grid.Gateway.Errors;

/// <summary>An error of the gateway and its HTTP status. Clients act on <see cref="Code"/>.</summary>
/// <param name="Code">Stable and kebab-case; never reused for another meaning.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The meaning, equal for every occurrence.</param>
/// <param name="RetryAfterSeconds">Retry-After of a temporary error; 0 for a permanent one.</param>
public sealed record ErrorCode(string Code, int Status, string Title, int RetryAfterSeconds = 0)
{
    private long _answers;

    /// <summary>The number of this process's answers with this code.</summary>
    public long Answers => Volatile.Read(ref _answers);

    internal void CountAnswer() => Interlocked.Increment(ref _answers);
}
