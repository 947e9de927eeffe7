using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Grid.Bench.Load.Processes;

/// <summary>
/// A private PostgreSQL for one comparison: a new cluster in a folder of its own, on a port of 127.0.0.1, with durable
/// commits (fsync and synchronous_commit on), removed afterwards. Installed servers stay untouched.
/// </summary>
internal sealed class PostgresCluster : IAsyncDisposable
{
    private const string DebianFolder = "/usr/lib/postgresql";
    private const string ServerUser = "postgres";

    private readonly ServerProcess _server;
    private readonly string _folder;
    private readonly int _port;

    private PostgresCluster(ServerProcess server, string folder, int port)
    {
        _server = server;
        _folder = folder;
        _port = port;
    }

    public int Pid => _server.Pid;

    /// <summary>Creates a database.</summary>
    /// <param name="name">Its name: letters, digits and underscores.</param>
    /// <param name="template">A database without connections, to be copied; null for an empty one.</param>
    /// <param name="stop">Cancels the copying.</param>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(string name, string? template, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(
            $"{ConnectionStringOf(ServerUser)};Pooling=false;Command Timeout=600"
        );
        await connection.OpenAsync(stop);
        // FILE_COPY: WAL_LOG, the default, writes a large city twice.
        var copy = template is null ? "" : $" TEMPLATE {template} STRATEGY FILE_COPY";
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}{copy}", connection);
        await command.ExecuteNonQueryAsync(stop);
        return ConnectionStringOf(name);
    }

    // 32 connections: more of them only wait for the same two or four cores (measured); each holds its prepared
    // statements.
    private string ConnectionStringOf(string database) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Host=127.0.0.1;Port={_port};Username={ServerUser};Database={database};"
                + $"SSL Mode=Disable;Maximum Pool Size=32"
        );

    /// <summary>Finds the programs of the newest installed version.</summary>
    private static string FindPrograms()
    {
        const string Missing =
            "PostgreSQL's programs are not installed, and clusters and the contender 'postgres' need them";
        if (!OperatingSystem.IsLinux() || !Directory.Exists(DebianFolder))
            throw new CommandLine.LoadException(Missing);
        return Directory
            .EnumerateDirectories(DebianFolder)
            .Select(folder => Path.Combine(folder, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "postgres")) && File.Exists(Path.Combine(bin, "initdb")))
            .OrderByDescending(bin =>
                double.TryParse(Path.GetFileName(Path.GetDirectoryName(bin)), CultureInfo.InvariantCulture, out var v)
                    ? v
                    : 0
            )
            .FirstOrDefault()
            ?? throw new CommandLine.LoadException(Missing);
    }

    /// <param name="folder">A folder for this server alone; its log goes beside it.</param>
    /// <param name="stop">Cancels the start.</param>
    public static async Task<PostgresCluster> StartAsync(string folder, CancellationToken stop)
    {
        var programs = FindPrograms();
        Directory.CreateDirectory(folder);
        if (Environment.IsPrivilegedProcess)
            await RunAsync(("chown", [ServerUser, folder]), stop);
        var data = Path.Combine(folder, "data");
        await RunAsync(
            AsServerUser(
                Path.Combine(programs, "initdb"),
                "-D",
                data,
                "-U",
                ServerUser,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C"
            ),
            stop
        );
        var port = ServerProcess.FreePort();
        var command = AsServerUser(
            Path.Combine(programs, "postgres"),
            [
                "-D",
                data,
                "-p",
                port.ToString(CultureInfo.InvariantCulture),
                .. Settings.SelectMany(setting => (string[])["-c", setting]),
            ]
        );
        // SIGINT ends the sessions at once; SIGTERM would wait for them.
        var server = ServerProcess.Start("PostgreSQL", command, $"{folder}.log", Signal.Interrupt);
        var cluster = new PostgresCluster(server, folder, port);
        try
        {
            await server.UntilReadyAsync(port, TimeSpan.FromSeconds(60), stop);
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
        return cluster;
    }

    // The usual settings for a machine with a few GB to spare. Durability keeps its default: on.
    private static readonly string[] Settings =
    [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=on",
        "synchronous_commit=on",
        "full_page_writes=on",
        "shared_buffers=512MB",
        "max_connections=400",
        "max_wal_size=4GB",
        "checkpoint_timeout=15min",
        "jit=off",
        "huge_pages=off",
    ];

    // PostgreSQL refuses to run as root. setpriv replaces itself with the program, so that the process id is the
    // server's.
    private static (string, string[]) AsServerUser(string program, params string[] arguments) =>
        Environment.IsPrivilegedProcess
            ? (
                "setpriv",
                [$"--reuid={ServerUser}", $"--regid={ServerUser}", "--init-groups", "--", program, .. arguments]
            )
            : (program, arguments);

    private static async Task RunAsync((string File, string[] Arguments) command, CancellationToken stop)
    {
        var start = new ProcessStartInfo(command.File, command.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)
            ?? throw new InvalidOperationException($"{command.File} could not be started");
        var output = process.StandardOutput.ReadToEndAsync(stop);
        var error = await process.StandardError.ReadToEndAsync(stop);
        await output;
        await process.WaitForExitAsync(stop);
        if (process.ExitCode != 0)
            throw new CommandLine.LoadException($"{command.File} failed: {error.Trim()}");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
