using Grid.Silo.Hosting;
using Grid.Silo.Stores;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Backup;

/// <summary>
/// Keeps the key ring in the archive beside what is sealed with it: a moment after a rotation could else be restored, and
/// not be read.
/// </summary>
internal sealed partial class ArchivedKeys(
    IOptions<StoreOptions> store, IConfiguration settings, TimeProvider time, ILogger<ArchivedKeys> log) : BackgroundService
{
    private readonly string _keys = Path.Combine(GridOptions.DataFolderOf(settings), BackupManifest.KeysFolder);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (store.Value.Archive is not { Length: > 0 } archive)
            return;
        var ring = Path.Combine(_keys, "ring.json");
        var copied = DateTime.MinValue;
        using var timer = new PeriodicTimer(store.Value.ArchivePeriod, time);
        try
        {
            do
            {
                try
                {
                    if (File.GetLastWriteTimeUtc(ring) is var changed && changed == copied)
                        continue;
                    StoreBackup.CopyKeys(_keys, Path.Combine(archive, BackupManifest.KeysFolder));
                    copied = changed;
                }
                catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
                {
                    LogNotCopied(log, fault);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    [LoggerMessage(LogLevel.Error, "The key ring could not be copied to the archive; it is tried again")]
    private static partial void LogNotCopied(ILogger log, Exception fault);
}
