using System.Data.Common;
using Grid.Keys;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Grid.Hosting.Start;

/// <summary>Ends the start with one line on standard error and exit code 1.</summary>
public sealed class StartException(string message) : Exception(message);

/// <summary>Distinguishes failures that an operator can fix from bugs.</summary>
public static class StartFailure
{
    /// <summary>
    /// The line for an exception that an operator can fix; null for a bug, which keeps its stack trace.
    /// </summary>
    public static string? ReasonOf(Exception exception) =>
        exception switch
        {
            OptionsValidationException options => OneLine(string.Join(" ", options.Failures)),
            StartException or KeyRingException or IOException or UnauthorizedAccessException or StoreException =>
                OneLine(exception.Message),
            RedisException => OneLine($"Redis failed during the start: {exception.Message}"),
            DbException => OneLine($"PostgreSQL failed during the start: {exception.Message}"),
            FormatException url when url.Message.StartsWith("Invalid url", StringComparison.Ordinal) => OneLine(
                $"--urls: {url.Message}"
            ),
            AggregateException { InnerExceptions: [var one] } => ReasonOf(one),
            // A setting of the wrong type; the message names it.
            InvalidOperationException
            {
                InnerException: FormatException or ArgumentException or OverflowException
            } setting => OneLine(setting.Message),
            InvalidOperationException { InnerException: { } inner } => ReasonOf(inner),
            _ => null,
        };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
