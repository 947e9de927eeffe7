using System.Globalization;
using Grid.Gateway.Hosting;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Connections;

/// <summary>
/// Bounds the connections by the process's open-file limit. Without a free descriptor, Kestrel's accept loop fails and
/// retries without a pause, and the stores cannot open files; so the gateway closes connections before that.
/// </summary>
internal static partial class OpenFiles
{
    private const string LimitsFile = "/proc/self/limits";
    private const string LimitName = "Max open files";

    /// <summary>
    /// Descriptors reserved for all but client connections. Measured: 304 at rest with SQLite stores; PostgreSQL and
    /// other silos add more.
    /// </summary>
    private const int Others = 512;

    private const int MinConnections = 64;

    /// <summary>The limit (<c>ulimit -n</c>); null when unknown or unlimited.</summary>
    internal static long? Limit() => File.Exists(LimitsFile) ? Parse(File.ReadLines(LimitsFile)) : null;

    internal static long? Parse(IEnumerable<string> limits)
    {
        var line = limits.FirstOrDefault(static line => line.StartsWith(LimitName, StringComparison.Ordinal));
        var fields = line?[LimitName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return
            fields is [var soft, ..]
            && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var files)
            ? files
            : null;
    }

    /// <summary>
    /// The maximum of connections: the setting, or less when the limit is too low.
    /// </summary>
    /// <exception cref="OptionsValidationException">The limit is too low to serve at all.</exception>
    internal static int ConnectionsWithin(int setting, long? limit) =>
        limit is not { } files ? setting
        : files - Others >= Math.Min(setting, MinConnections) ? (int)Math.Min(setting, files - Others)
        : throw new OptionsValidationException(
            GatewayOptions.Section,
            typeof(GatewayOptions),
            [
                $"This process may open {files} files; a gateway needs {Others + MinConnections} or more. "
                    + "Raise ulimit -n.",
            ]
        );

    /// <summary>Warns when the limit is below the setting.</summary>
    internal static void WarnWhenShort(ILogger logger, int setting)
    {
        var limit = Limit();
        if (ConnectionsWithin(setting, limit) is var connections && connections < setting)
            Short(logger, limit!.Value, connections, setting);
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "This process may open {Limit} files, so the gateway keeps {Connections} connections, not the {Setting} "
            + "of Grid:Gateway:ConnectionsMax. Raise ulimit -n"
    )]
    private static partial void Short(ILogger logger, long limit, int connections, int setting);
}
