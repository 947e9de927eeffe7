namespace Grid.Commands;

/// <summary>Ends a command with one line on standard error and exit code 1.</summary>
public sealed class CommandException(string message) : Exception(message);

/// <summary>Ends a wrongly used command with one line on standard error and exit code 2.</summary>
public sealed class UsageException(string message) : Exception(message);
