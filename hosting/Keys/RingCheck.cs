using Grid.Hosting.Health;
using Grid.Hosting.Settings;
using Grid.Hosting.Start;
using Grid.Keys;

namespace Grid.Hosting.Keys;

/// <summary>
/// Asks the first silo that answers whether it has this gateway's ring. A gateway has no store that knows the ring's
/// marks, and under another ring it would register the city's residents anew, and green. Not ready before the answer.
/// </summary>
public sealed partial class RingCheck(
    KeyRing ring,
    IGrainFactory grains,
    IHostApplicationLifetime lifetime,
    IConfiguration configuration,
    TimeProvider time,
    ILogger<RingCheck> log
) : BackgroundService, IReadiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private volatile string? _missing = "no silo has said that it has the same key ring";
    private volatile bool _isOther;

    /// <inheritdoc/>
    public string? Missing => _missing;

    /// <summary>Throws, after the process has stopped, if the silos' ring differs.</summary>
    /// <exception cref="StartException">The silos have another ring.</exception>
    public void ThrowIfOther()
    {
        if (_isOther)
            throw new StartException(Other());
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (!await TryCheckAsync())
                await Task.Delay(Pause, time, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task<bool> TryCheckAsync()
    {
        string mark;
        try
        {
            mark = await grains.GetGrain<IRingGrain>(0).Mark();
        }
        catch (Exception exception)
        {
            LogNoAnswer(log, exception);
            return false;
        }
        if (mark == KeyMarks.OfGrid(ring))
        {
            _missing = null;
            return true;
        }
        (_isOther, _missing) = (true, Other());
        LogOther(log, Other());
        // Stop only after the start: an interrupted start ends with a stack trace.
        lifetime.ApplicationStarted.Register(lifetime.StopApplication);
        return true;
    }

    private string Other() =>
        $"The silos have another key ring than {RingFile}. Under it every resident would be unknown, and green when "
        + "registered anew. Bring a copy of the silos' ring there, or name the folder that has it.";

    private string RingFile => Path.Combine(GridOptions.DataFolderOf(configuration), "keys", "ring.json");

    [LoggerMessage(LogLevel.Debug, "No silo has said which key ring it has")]
    private static partial void LogNoAnswer(ILogger log, Exception exception);

    [LoggerMessage(LogLevel.Critical, "{Reason}")]
    private static partial void LogOther(ILogger log, string reason);
}

/// <summary>Registers <see cref="RingCheck"/>, for a process without a store.</summary>
public static class RingCheckRegistration
{
    /// <summary>Starts the check with the host; the process is not ready before its answer.</summary>
    public static IServiceCollection AddRingCheck(this IServiceCollection services)
    {
        services.AddSingleton<RingCheck>();
        services.AddSingleton<IReadiness>(static provider => provider.GetRequiredService<RingCheck>());
        return services.AddHostedService(static provider => provider.GetRequiredService<RingCheck>());
    }
}
