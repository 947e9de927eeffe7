using System.Globalization;
using Grid.Silo.Hosting;
using Npgsql;

namespace Grid.Silo.Backup;

/// <summary>
/// The commands <c>backup</c>, <c>restore</c> and <c>verify</c>. What was asked for goes to standard output; a failure is one
/// line on standard error and the exit code 1.
/// </summary>
public static class BackupCommands
{
    /// <summary>How each is called.</summary>
    public const string Usage = """
          backup --to FOLDER                                           copy the store and the keys while the grid serves
          restore --from BACKUP [--archive FOLDER] [--to TIME]         make the data folder of a backup, and of the archive up to a moment
          verify [--from BACKUP]                                       check the store, or a backup: counts, versions, checksums
        """;

    /// <summary>Whether there is such a command.</summary>
    public static bool Has(string name) => name is "backup" or "restore" or "verify";

    /// <summary>Runs a command.</summary>
    public static async Task<int> RunAsync(string name, IConfiguration settings, TimeProvider time)
    {
        try
        {
            await (name switch
            {
                "backup" => BackupAsync(settings, time),
                "restore" => RestoreAsync(settings),
                _ => VerifyAsync(settings),
            });
            return 0;
        }
        catch (Exception fault) when (fault is StoreException or IOException or UnauthorizedAccessException or NpgsqlException)
        {
            await Console.Error.WriteLineAsync(fault.Message.ReplaceLineEndings(" "));
            return 1;
        }
    }

    private static async Task BackupAsync(IConfiguration settings, TimeProvider time)
    {
        var to = Required(settings, "to", "backup --to FOLDER");
        if (GridStores.DatabasesOf(settings) is { Length: > 0 } databases)
        {
            Say($"servers {await PostgresBackup.TakeAsync(databases, to, CancellationToken.None)}");
            StoreBackup.CopyKeys(
                Path.Combine(GridOptions.DataFolderOf(settings), BackupManifest.KeysFolder), Path.Combine(to, BackupManifest.KeysFolder));
            return;
        }

        var manifest = StoreBackup.Take(GridOptions.DataFolderOf(settings), Path.GetFullPath(to), time);
        Say($"moment {manifest.TakenAt:O}");
        Tell(TableCount.Sum(manifest.Files.SelectMany(static file => file.Tables)));
    }

    private static async Task RestoreAsync(IConfiguration settings)
    {
        var from = Required(settings, "from", "restore --from BACKUP [--archive FOLDER] [--to TIME]");
        var moment = settings["to"] is { } text ? Moment(text) : (DateTimeOffset?)null;
        var folder = GridOptions.DataFolderOf(settings);
        if (File.Exists(Path.Combine(from, BackupManifest.FileName)))
        {
            var shown = StoreRestore.Run(from, settings["archive"], moment, folder);
            Say($"moment {shown:O}");
            Tell(StoreVerify.Store(folder));
            return;
        }

        var log = Required(settings, "archive", "restore --from BACKUP --archive FOLDER, the folder of archive_command");
        Say($"servers {await PostgresBackup.RestoreAsync(from, log, moment, folder, CancellationToken.None)}");
        Say($"start PostgreSQL on {Path.Combine(folder, "server-0")}; it comes to the moment by itself");
    }

    private static async Task VerifyAsync(IConfiguration settings)
    {
        if (settings["from"] is { } backup)
        {
            Tell(StoreVerify.Backup(backup));
        }
        else if (GridStores.DatabasesOf(settings) is { Length: > 0 } databases)
        {
            foreach (var (table, rows, versions) in await PostgresBackup.CountAsync(databases, CancellationToken.None))
                Say($"{table} rows {rows} versions {versions}");
        }
        else
        {
            Tell(StoreVerify.Store(GridOptions.DataFolderOf(settings)));
        }
    }

    private static void Tell(IEnumerable<TableCount> tables)
    {
        foreach (var table in tables)
            Say($"{table.Table} rows {table.Rows} versions {table.Versions} sha256 {table.Sha256}");
    }

    private static void Say(string line) => Console.Out.WriteLine(line);

    private static string Required(IConfiguration settings, string name, string usage) => settings[name] is { Length: > 0 } value
        ? value
        : throw new StoreException(StoreFaults.Invalid, $"Say {usage}.");

    // Without an offset nobody knows which moment is meant.
    private static DateTimeOffset Moment(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
        && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal))
        && text.Contains('T', StringComparison.Ordinal)
            ? moment
            : throw new StoreException(StoreFaults.Invalid, $"--to takes a moment such as 2026-01-04T09:00:00Z, with its offset; '{text}' is none.");
}
