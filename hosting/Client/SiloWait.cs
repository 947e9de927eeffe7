using Grid.Hosting.Settings;
using Grid.Hosting.Start;

namespace Grid.Hosting.Client;

/// <summary>Makes a client wait for its first silo, and logs it once: silos may start after the gateway.</summary>
internal sealed partial class SiloWait(IConfiguration configuration, TimeProvider time, ILogger<SiloWait> log)
    : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly GridClusterOptions _options = GridClusterOptions.Of(configuration);
    private long? _from;

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_from is null)
            LogMissing(log, _options.Id, _options.StartTimeout.TotalSeconds);
        _from ??= time.GetTimestamp();
        if (time.GetElapsedTime(_from.Value) >= _options.StartTimeout)
            throw new StartException(
                $"No silo of the cluster {_options.Id} answered within {_options.StartTimeout.TotalSeconds:0.#} s "
                    + "(Grid:Cluster:StartTimeout)."
            );
        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(
        LogLevel.Warning,
        "No silo of the cluster {Cluster} answers; the start waits up to {Seconds} s for one"
    )]
    private static partial void LogMissing(ILogger log, string cluster, double seconds);
}
