namespace Grid.Engine.Hosting;

/// <summary>Too many calls wait at the activation already. Nothing was done; the caller may try later.</summary>
public sealed class GrainOverloadedException(string message) : Exception(message);

/// <summary>The silo takes no new calls, or can't be reached. Nothing was done; the caller may try elsewhere, or again later.</summary>
public sealed class GrainUnavailableException(string message) : Exception(message);

/// <summary>The connection to the silo was lost before the answer came. Whether the call was done is unknown, as with any time-out.</summary>
public sealed class LostAnswerException(string message) : TimeoutException(message);

/// <summary>The call waits for a grain that waits for this very call. The message names the chain.</summary>
public sealed class GrainDeadlockException(string message) : InvalidOperationException(message);
