using Grid.Keys;

namespace Grid.Hosting.Keys;

/// <summary>Registers the key ring and the services that use its keys.</summary>
public static partial class GridKeys
{
    /// <summary>How often the ring is reread: well below <see cref="KeyRing.ActivationDelay"/>.</summary>
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(5);

    /// <summary>Opens the data folder's ring, creates it at the first start, and follows rotations.</summary>
    public static IServiceCollection AddGridKeys(this IServiceCollection services, string dataFolder)
    {
        services.AddSingleton(provider =>
            Open(dataFolder, provider.GetRequiredService<TimeProvider>(), provider.GetService<IRingMarks>())
        );
        services.AddSingleton<ResidentKeys>();
        services.AddSingleton<ProfileVault>();
        services.AddMetrics();
        services.AddSingleton<KeyMetrics>();
        services.AddHostedService<KeyRefresh>();
        return services;
    }

    /// <summary>
    /// Opens the ring of a data folder. Refuses a store that was written with another ring or with a lost one, before
    /// it creates a new ring.
    /// </summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="marks">The store's marks; null for a process without a store.</param>
    public static KeyRing Open(string dataFolder, TimeProvider time, IRingMarks? marks)
    {
        marks?.RefuseWithoutRing(dataFolder);
        var ring = KeyRing.Open(dataFolder, time);
        // A key made without a store would seal names that no other process can open.
        if (marks is not null)
            ring.Active(KeyPurpose.Profile);
        marks?.Verify(ring, dataFolder);
        return ring;
    }

    private sealed partial class KeyRefresh(
        KeyRing ring,
        KeyMetrics metrics,
        TimeProvider time,
        IServiceProvider services,
        ILogger<KeyRefresh> logger
    ) : BackgroundService
    {
        private int _recorded = ring.Version;

        // Keeps the gauges alive as long as the host.
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
                Record();
            }
            catch (Exception exception)
                when (exception is IOException or KeyRingException or UnauthorizedAccessException or StoreException)
            {
                // Keep using the keys in memory.
                NotRefreshed(logger, exception);
            }
        }

        // Records a profile key that a rotation added: the store must know it before the ring can get lost.
        private void Record()
        {
            var version = ring.Version;
            if (version == _recorded)
                return;
            services.GetService<IRingMarks>()?.Add(KeyMarks.Of(ring));
            _recorded = version;
        }

        [LoggerMessage(1, LogLevel.Warning, "The key ring could not be read again; the keys in memory stay in use")]
        private static partial void NotRefreshed(ILogger logger, Exception exception);
    }
}
