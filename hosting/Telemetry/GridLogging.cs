using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Grid.Hosting.Telemetry;

/// <summary>
/// The log: lines on standard error, JSON or text, each with its trace id. No line names a person, whatever the level:
/// categories that may quote a request are limited to warnings.
/// </summary>
public static class GridLogging
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // Below warnings, these categories quote requests: paths, header lines, arguments of calls.
    private static readonly string[] Quoting = ["Microsoft.AspNetCore", "Orleans"];

    // Its only error, an unhandled exception, cannot occur behind the gateway's error handler; and at any level it
    // creates an activity and a scope per request.
    private const string PerRequest = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Adds the console in the format of <see cref="TelemetryOptions.Log"/>.</summary>
    public static IHostApplicationBuilder AddGridLogging(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddConsole();
        builder.Logging.Configure(static log =>
            log.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId
        );
        var services = builder.Services;
        services
            .AddOptions<ConsoleLoggerOptions>()
            .Configure<IOptions<TelemetryOptions>, IHostEnvironment>(
                static (console, options, environment) =>
                {
                    console.LogToStandardErrorThreshold = LogLevel.Trace;
                    // Drop log lines rather than block requests; the log says how many were dropped.
                    console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
                    console.FormatterName = IsText(options.Value.Log, environment)
                        ? ConsoleFormatterNames.Simple
                        : ConsoleFormatterNames.Json;
                }
            );
        services.Configure<JsonConsoleFormatterOptions>(static json =>
        {
            json.TimestampFormat = TimeFormat;
            json.UseUtcTimestamp = true;
            json.IncludeScopes = true;
        });
        services.PostConfigure<LoggerFilterOptions>(Guard);
        return builder;
    }

    /// <summary>Sets text as the default format, for commands that a person runs.</summary>
    public static IHostApplicationBuilder UseTextLog(this IHostApplicationBuilder builder)
    {
        builder.Services.PostConfigure<TelemetryOptions>(static options =>
        {
            if (options.Log == LogFormat.Auto)
                options.Log = LogFormat.Text;
        });
        return builder;
    }

    /// <summary>
    /// Limits Orleans' log to warnings: it writes all settings at each start, and Polly two lines per placed
    /// activation.
    /// </summary>
    public static ILoggingBuilder QuietOrleans(this ILoggingBuilder logging) =>
        logging.AddFilter(nameof(Orleans), LogLevel.Warning).AddFilter("Polly", LogLevel.Warning);

    /// <summary>Adds the limit to every rule, so that no setting bypasses it.</summary>
    private static void Guard(LoggerFilterOptions filters)
    {
        LoggerFilterRule[] rules = [new(null, null, filters.MinLevel, null), .. filters.Rules];
        filters.Rules.Clear();
        foreach (var rule in rules)
        {
            filters.Rules.Add(
                new LoggerFilterRule(rule.ProviderName, rule.CategoryName, rule.LogLevel, (provider, category, level) =>
                    IsAllowed(category, level) && rule.Filter?.Invoke(provider, category, level) != false
                )
            );
        }
        // Add one rule per provider: a rule that names the provider takes precedence over one that does not.
        foreach (var provider in rules.Select(static rule => rule.ProviderName).Distinct())
            filters.Rules.Add(new LoggerFilterRule(provider, PerRequest, LogLevel.None, null));
    }

    private static bool IsAllowed(string? category, LogLevel level) =>
        level >= LogLevel.Warning
        || category is null
        || !Array.Exists(Quoting, quoting => category.StartsWith(quoting, StringComparison.OrdinalIgnoreCase));

    private static bool IsText(LogFormat format, IHostEnvironment environment) =>
        format == LogFormat.Text || (format == LogFormat.Auto && environment.IsDevelopment());
}
