using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Grid.Hosting.Telemetry;

/// <summary>
/// The log: lines on standard error, JSON or text, each with the trace that it belongs to. No line names a person,
/// whatever level somebody sets: what may quote a request is kept at warnings.
/// </summary>
public static class GridLogging
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // Below a warning these repeat what came over the wire: paths, header lines, arguments of calls.
    private static readonly string[] Quoting = ["Microsoft.AspNetCore", "Orleans"];

    // The host's only error here, an exception that nobody caught, can't happen behind the gateway's own answers; and
    // whatever its level, it makes an activity and a scope for each request.
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

    /// <summary>Text, unless the settings say otherwise: a person reads along.</summary>
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
    /// Keeps Orleans' log to warnings: it writes all settings at each start, and Polly writes two lines for each placed
    /// activation.
    /// </summary>
    public static ILoggingBuilder QuietOrleans(this ILoggingBuilder logging) =>
        logging.AddFilter(nameof(Orleans), LogLevel.Warning).AddFilter("Polly", LogLevel.Warning);

    /// <summary>Puts the guard into every rule, so that none of the settings gets past it.</summary>
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
        // A rule for each provider: one that names it goes before one that does not.
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
