namespace Grid.Engine.Hosting;

/// <summary>Too many calls wait at the activation already. Nothing was done; the caller may try later.</summary>
public sealed class GrainOverloadedException(string message) : Exception(message);

/// <summary>The silo shuts down and takes no new calls. Nothing was done; the caller may try elsewhere.</summary>
public sealed class GrainUnavailableException(string message) : Exception(message);

/// <summary>The call waits for a grain that waits for this very call. The message names the chain.</summary>
public sealed class GrainDeadlockException(string message) : InvalidOperationException(message);
