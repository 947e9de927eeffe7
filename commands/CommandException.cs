namespace Grid.Commands;

/// <summary>Why a command failed, in one line for standard error. The exit code is then 1.</summary>
public sealed class CommandException(string message) : Exception(message);

/// <summary>How a command was called wrongly, in one line for standard error. The exit code is then 2.</summary>
public sealed class UsageException(string message) : Exception(message);
