using Grid.Keys;

namespace Grid.Silo.Hosting;

/// <summary>Registers the key ring and what is made of it.</summary>
public static partial class GridKeys
{
    /// <summary>How often the ring is read again: well below <see cref="KeyRing.ActivationDelay"/>.</summary>
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(5);

    /// <summary>Opens the ring of the data folder, makes it at the first start, and keeps up with rotations.</summary>
    public static IServiceCollection AddGridKeys(this IServiceCollection services, string dataFolder)
    {
        services.AddSingleton(provider => KeyRing.Open(dataFolder, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ResidentKeys>();
        services.AddSingleton<ProfileVault>();
        services.AddMetrics();
        services.AddSingleton<KeyMetrics>();
        services.AddHostedService<KeyRefresh>();
        return services;
    }

    private sealed partial class KeyRefresh(KeyRing ring, KeyMetrics metrics, TimeProvider time, ILogger<KeyRefresh> logger) : BackgroundService
    {
        // Lives as long as the host does.
        private readonly KeyMetrics _metrics = metrics;

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(RefreshPeriod, time);
            try
            {
                while (await timer.WaitForNextTickAsync(stoppingToken))
                    Refresh();
            }
            catch (OperationCanceledException)
            {
                // The host stops.
            }
        }

        private void Refresh()
        {
            try
            {
                ring.Refresh();
            }
            catch (Exception fault) when (fault is IOException or KeyRingException or UnauthorizedAccessException)
            {
                // The keys in memory go on working.
                NotRefreshed(logger, fault);
            }
        }

        [LoggerMessage(1, LogLevel.Warning, "The key ring could not be read again; the keys in memory are used")]
        private static partial void NotRefreshed(ILogger logger, Exception fault);
    }
}
