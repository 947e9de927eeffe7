using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Hosting.Telemetry;

/// <summary>How the lines of the log look.</summary>
public enum LogFormat
{
    /// <summary>JSON, but text in the Development environment and for commands that somebody types.</summary>
    Auto,

    /// <summary>An object a line, for machines.</summary>
    Json,

    /// <summary>Lines for people.</summary>
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
    /// Where traces and metrics are sent by OTLP, such as <c>http://127.0.0.1:4317</c>. None, the default: as
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says, and nowhere when it says nothing. <c>/metrics</c> is served in any
    /// case.
    /// </summary>
    public Uri? Otlp { get; set; }

    /// <summary>
    /// The share of requests that are traced, of all but the display and the single scan. Default 0.05; 0 to 1. What
    /// fails or is slow is traced beside this, see <see cref="LateTracesPerSecondMax"/>.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; set; } = 0.05;

    /// <summary>
    /// The share of displays and single scans that are traced. Default 0: at 40,000 a second a trace of each
    /// ten-thousandth would be four a second already.
    /// </summary>
    [Range(0.0, 1.0)]
    public double HotTraceRatio { get; set; }

    /// <summary>
    /// How long a request may take before it is traced for its slowness. Default 0.5 s; 1 ms to 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan SlowAfter { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Requests a second that are traced afterwards, because they failed by a fault of the grid or were slow: of these
    /// there is the gateway's span alone, which names the tier that failed. Default 50; 0 to 10,000.
    /// </summary>
    [Range(0, 10_000)]
    public int LateTracesPerSecondMax { get; set; } = 50;

    /// <summary>
    /// Requests a second that are traced because their caller's <c>traceparent</c> says so. Bounded, for anybody can
    /// say it. Default 20; 0 to 10,000.
    /// </summary>
    [Range(0, 10_000)]
    public int AskedTracesPerSecondMax { get; set; } = 20;

    /// <summary>How the lines of the log look. Default <see cref="LogFormat.Auto"/>.</summary>
    [EnumDataType(typeof(LogFormat))]
    public LogFormat Log { get; set; } = LogFormat.Auto;
}

/// <summary>Checks <see cref="TelemetryOptions"/> when the host starts.</summary>
[OptionsValidator]
internal sealed partial class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>;
