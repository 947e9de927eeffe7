using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Hosting.Telemetry;

/// <summary>The format of log lines.</summary>
public enum LogFormat
{
    /// <summary>JSON, but text in the Development environment and for commands.</summary>
    Auto,

    /// <summary>One JSON object per line, for machines.</summary>
    Json,

    /// <summary>Text, for people.</summary>
    Text,
}

/// <summary>
/// What the process tells of itself. Section <c>Grid:Telemetry</c>. The standard settings of OpenTelemetry
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, <c>OTEL_SERVICE_NAME</c>, …) hold too, from the environment or any other
/// source.
/// </summary>
public sealed class TelemetryOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Telemetry";

    /// <summary>
    /// OTLP collector; else <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> applies. Default: none.
    /// </summary>
    public Uri? Otlp { get; set; }

    /// <summary>Share of requests that are traced, except displays and single scans. Default 0.05; 0 to 1.</summary>
    /// <remarks>Failed and slow requests are traced too: see <see cref="LateTracesPerSecondMax"/>.</remarks>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; set; } = 0.05;

    /// <summary>Share of displays and single scans that are traced. Default 0; 0 to 1.</summary>
    /// <remarks>At 40,000 requests a second, 0.0001 is already four traces a second.</remarks>
    [Range(0.0, 1.0)]
    public double HotTraceRatio { get; set; }

    /// <summary>Duration after which a request is traced as slow. Default 0.5 s; 1 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan SlowAfter { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Failed or slow requests traced afterwards, per second. Default 50; 0 to 10,000.</summary>
    /// <remarks>Such a trace has only the gateway's span; it names the tier that failed.</remarks>
    [Range(0, 10_000)]
    public int LateTracesPerSecondMax { get; set; } = 50;

    /// <summary>
    /// Requests traced on their caller's wish, per second. Default 20; 0 to 10,000.
    /// </summary>
    /// <remarks>Bounded, because any caller can ask.</remarks>
    [Range(0, 10_000)]
    public int AskedTracesPerSecondMax { get; set; } = 20;

    /// <summary>
    /// Format of log lines; <see cref="LogFormat.Auto"/> is JSON, but text in Development and for commands. Default
    /// <see cref="LogFormat.Auto"/>.
    /// </summary>
    [EnumDataType(typeof(LogFormat))]
    public LogFormat Log { get; set; } = LogFormat.Auto;
}

/// <summary>Checks <see cref="TelemetryOptions"/> when the host starts.</summary>
[OptionsValidator]
internal sealed partial class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>;
