using Grid.Silo.Hosting;

namespace Grid.Silo.Backup;

/// <summary>
/// The commands <c>backup</c>, <c>restore</c> and <c>verify</c>. What was asked for goes to standard output; a failure is one
/// line on standard error and the exit code 1.
/// </summary>
public static class BackupCommands
{
    private const string InPostgres =
        "The state is in PostgreSQL (Grid:Postgres): back it up by its own tools, see Backup in docs/operations.md.";

    /// <summary>How each is called.</summary>
    public const string Usage = """
          backup --to FOLDER              copy the store and the keys of a data folder while the grid serves
          restore --from BACKUP           make the data folder of a backup
          verify [--from BACKUP]          check the store, or a backup: counts, versions, checksums
        """;

    /// <summary>Whether there is such a command.</summary>
    public static bool Has(string name) => name is "backup" or "restore" or "verify";

    /// <summary>Runs a command.</summary>
    public static async Task<int> RunAsync(string name, IConfiguration settings, TimeProvider time)
    {
        try
        {
            if (GridStores.DatabasesOf(settings).Length > 0)
                throw new StoreException(StoreErrorCodes.Invalid, InPostgres);
            switch (name)
            {
                case "backup":
                    Backup(settings, time);
                    break;
                case "restore":
                    Restore(settings);
                    break;
                default:
                    Verify(settings);
                    break;
            }

            return 0;
        }
        catch (Exception exception) when (exception is StoreException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(exception.Message.ReplaceLineEndings(" "));
            return 1;
        }
    }

    private static void Backup(IConfiguration settings, TimeProvider time)
    {
        var to = Required(settings, "to", "backup --to FOLDER");
        var manifest = StoreBackup.Take(GridOptions.DataFolderOf(settings), Path.GetFullPath(to), time);
        Say($"moment {manifest.TakenAt:O}");
        Tell(TableCount.Sum(manifest.Files.SelectMany(static file => file.Tables)));
    }

    private static void Restore(IConfiguration settings)
    {
        var from = Required(settings, "from", "restore --from BACKUP");
        // Ignored, --to would restore another moment than the operator asked for.
        if (settings["to"] is not null || settings["archive"] is not null)
        {
            throw new StoreException(
                StoreErrorCodes.Invalid, "restore makes the moment of the backup; --to and --archive are options of 0.1.");
        }

        var folder = GridOptions.DataFolderOf(settings);
        Say($"moment {StoreRestore.Run(from, folder):O}");
        Tell(StoreVerify.Store(folder));
    }

    private static void Verify(IConfiguration settings) => Tell(
        settings["from"] is { } backup ? StoreVerify.Backup(backup) : StoreVerify.Store(GridOptions.DataFolderOf(settings)));

    private static void Tell(IEnumerable<TableCount> tables)
    {
        foreach (var table in tables)
            Say($"{table.Table} rows {table.Rows} versions {table.Versions} sha256 {table.Sha256}");
    }

    private static void Say(string line) => Console.Out.WriteLine(line);

    private static string Required(IConfiguration settings, string name, string usage) => settings[name] is { Length: > 0 } value
        ? value
        : throw new StoreException(StoreErrorCodes.Invalid, $"Say {usage}.");
}
