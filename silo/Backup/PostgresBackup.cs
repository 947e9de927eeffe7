using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Grid.Silo.Backup;

/// <summary>
/// Backups of PostgreSQL by its own programs: a base backup of each server, and recovery from it and from the log that the
/// server archives (<c>archive_mode</c>, <c>archive_command</c>; see the manual's chapter on continuous archiving).
/// </summary>
internal static class PostgresBackup
{
    /// <summary>Says where the programs are, when they are neither on the path nor in Debian's place.</summary>
    internal const string ProgramsVariable = "GRID_POSTGRES_BIN";

    private const string DebianFolder = "/usr/lib/postgresql";
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(12);

    /// <summary>Copies every server that a list of connection strings names, each once, into folders server-0, server-1 …</summary>
    /// <exception cref="IOException">A program is missing or failed; the message is what it said.</exception>
    internal static async Task<int> TakeAsync(IReadOnlyList<string> databases, string target, CancellationToken cancellation)
    {
        StoreBackup.EnsureEmpty(target);
        Directory.CreateDirectory(target);
        var servers = databases.Select(static text => new NpgsqlConnectionStringBuilder(text))
            .DistinctBy(static server => (server.Host, server.Port)).ToArray();
        for (var number = 0; number < servers.Length; number++)
        {
            var folder = FolderOf(target, number);
            await RunAsync("pg_basebackup", servers[number], ["-D", folder, "-X", "stream", "-c", "fast"], cancellation);
            await RunAsync("pg_verifybackup", null, [folder], cancellation);
        }

        return servers.Length;
    }

    /// <summary>
    /// Makes a data directory of each base backup that a server of the same version recovers to a moment when it is started
    /// on it, and then takes writes.
    /// </summary>
    /// <param name="backup">What <see cref="TakeAsync"/> made.</param>
    /// <param name="log">The folder that the servers' <c>archive_command</c> filled; with several, one folder server-N each.</param>
    /// <param name="to">The moment, or null for the end of the log.</param>
    /// <param name="target">A folder that is empty or missing.</param>
    internal static async Task<int> RestoreAsync(
        string backup, string log, DateTimeOffset? to, string target, CancellationToken cancellation)
    {
        StoreBackup.EnsureEmpty(target);
        var count = Directory.Exists(backup) ? Directory.GetDirectories(backup, "server-*").Length : 0;
        if (count == 0)
            throw new StoreException(StoreFaults.Invalid, $"{backup} has no backup of PostgreSQL.");
        for (var number = 0; number < count; number++)
            await RunAsync("pg_verifybackup", null, [FolderOf(backup, number)], cancellation);
        for (var number = 0; number < count; number++)
        {
            var folder = FolderOf(target, number);
            CopyTree(FolderOf(backup, number), folder);
            var archived = count == 1 ? log : FolderOf(log, number);
            var settings = new List<string> { $"restore_command = 'cp \"{Quoted(Path.GetFullPath(archived))}/%f\" \"%p\"'", "archive_mode = off" };
            if (to is { } moment)
            {
                var text = moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
                settings.Add($"recovery_target_time = '{text}+00'");
                settings.Add("recovery_target_action = 'promote'");
            }

            await File.AppendAllLinesAsync(Path.Combine(folder, "postgresql.auto.conf"), settings, cancellation);
            await File.WriteAllBytesAsync(Path.Combine(folder, "recovery.signal"), [], cancellation);
        }

        return count;
    }

    /// <summary>What the tables of the databases hold: rows, and the sum of the versions of states.</summary>
    internal static async Task<IReadOnlyList<(string Table, long Rows, long Versions)>> CountAsync(
        IReadOnlyList<string> databases, CancellationToken cancellation)
    {
        var counts = new SortedDictionary<string, (long Rows, long Versions)>(StringComparer.Ordinal);
        foreach (var database in databases)
        {
            await using var source = NpgsqlDataSource.Create(database);
            foreach (var (table, hasVersion) in await TablesAsync(source, cancellation))
            {
                await using var command = source.CreateCommand(
                    $"SELECT count(*), {(hasVersion ? "coalesce(sum(version), 0)" : "0")}::bigint FROM \"{table}\"");
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                await reader.ReadAsync(cancellation);
                var (rows, versions) = counts.GetValueOrDefault(table);
                counts[table] = (rows + reader.GetInt64(0), versions + reader.GetInt64(1));
            }
        }

        return [.. counts.Select(static pair => (pair.Key, pair.Value.Rows, pair.Value.Versions))];
    }

    private static async Task<List<(string, bool)>> TablesAsync(NpgsqlDataSource source, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(
            """
            SELECT t.tablename, EXISTS (SELECT FROM information_schema.columns c
                WHERE c.table_schema = t.schemaname AND c.table_name = t.tablename AND c.column_name = 'version')
            FROM pg_tables t
            WHERE t.schemaname = current_schema() AND (starts_with(t.tablename, 'state:') OR starts_with(t.tablename, 'visits_'))
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var tables = new List<(string, bool)>();
        while (await reader.ReadAsync(cancellation))
            tables.Add((reader.GetString(0), reader.GetBoolean(1)));
        return tables;
    }

    private static string FolderOf(string parent, int number) =>
        Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"server-{number}"));

    private static string Quoted(string path) => path.Replace("'", "''", StringComparison.Ordinal);

    private static void CopyTree(string from, string to)
    {
        // The server refuses a data directory that others may read.
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(to);
        else
            Directory.CreateDirectory(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var folder in Directory.GetDirectories(from))
            CopyTree(folder, Path.Combine(to, Path.GetFileName(folder)));
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static async Task RunAsync(
        string program, NpgsqlConnectionStringBuilder? server, string[] arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Find(program), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        if (server is not null)
        {
            start.Environment["PGHOST"] = server.Host;
            start.Environment["PGPORT"] = server.Port.ToString(CultureInfo.InvariantCulture);
            start.Environment["PGUSER"] = server.Username;
            // Not on the command line, where every user of the machine could read it.
            start.Environment["PGPASSWORD"] = server.Password;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_patience);
        using var process = Start(start);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await output;
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0)
            throw new IOException($"{program} failed: {error.Trim()}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new IOException($"{start.FileName} can't be started; install PostgreSQL's client programs.", fault);
        }
    }

    private static string Find(string program)
    {
        var debian = Directory.Exists(DebianFolder)
            ? Directory.GetDirectories(DebianFolder).OrderDescending(StringComparer.Ordinal).Select(static version => Path.Combine(version, "bin"))
            : [];
        return new[] { Environment.GetEnvironmentVariable(ProgramsVariable) }.Concat(debian).OfType<string>()
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;
    }
}
