using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Grid.Tests.Fixtures;

/// <summary>
/// A private PostgreSQL 15 server in a temporary folder, on a free port of 127.0.0.1 or in a test's network namespace:
/// the binaries of Debian's package, never a server that already runs. It can be frozen, killed and restarted.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    /// <summary>Names the folder of the server's programs when they are not in Debian's place.</summary>
    public const string Variable = "GRID_POSTGRES_BIN";

    private const string DebianFolder = "/usr/lib/postgresql/15/bin";
    private const string SuperUser = "postgres";
    private const int LinesTold = 20;
    private const int SigKill = 9;
    private const int SigStop = 19;
    private const int SigCont = 18;
    private const int SigInt = 2;

    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(20);

    private readonly string _folder;
    private readonly int _port = Ports.Free();
    private readonly NetworkNamespace? _network;
    private readonly string _address = "127.0.0.1";
    private Process? _postmaster;
    private int _databases;

    public PostgresServer()
    {
        _folder = Directory.CreateTempSubdirectory("grid-postgres-").FullName;
        if (Binaries is null)
            return;
        Initialize();
        Start();
    }

    /// <summary>Starts a server with its files on a test's own disk.</summary>
    internal PostgresServer(string disk)
    {
        _folder = Directory.CreateDirectory(Path.Combine(disk, "grid-postgres")).FullName;
        Initialize();
        Start();
    }

    /// <summary>
    /// Starts a server in a network namespace; clients outside of it connect through the folder's socket.
    /// </summary>
    internal PostgresServer(NetworkNamespace network, string address)
    {
        (_network, _address) = (network, address);
        _folder = Directory.CreateTempSubdirectory("grid-postgres-").FullName;
        Initialize();
        File.AppendAllText(Path.Combine(Data, "pg_hba.conf"), "host all all samenet trust\n");
        Start();
    }

    /// <summary>The folder of the server's programs; null where they are not installed.</summary>
    public static string? Binaries { get; } =
        new[] { Environment.GetEnvironmentVariable(Variable), DebianFolder }.FirstOrDefault(static folder =>
            folder is not null && File.Exists(Path.Combine(folder, "initdb"))
        );

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Creates an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public string CreateDatabase()
    {
        var name = $"grid_{Interlocked.Increment(ref _databases)}";
        Execute(ConnectionString(SuperUser), $"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>The connection string of a database for clients in the server's network, on other machines.</summary>
    internal string FromTheNetwork(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = _address }.ConnectionString;

    /// <summary>Runs SQL without the store.</summary>
    public static void Execute(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>The first value of the first row.</summary>
    public static T Scalar<T>(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return (T)command.ExecuteScalar()!;
    }

    /// <summary>Suspends every process of the server; connections stay open and nothing answers.</summary>
    public void Freeze() => SignalAll(SigStop);

    /// <summary>Resumes a frozen server.</summary>
    public void Thaw() => SignalAll(SigCont);

    /// <summary>Kills the server as a power cut would.</summary>
    public void Kill()
    {
        SignalAll(SigKill);
        _postmaster?.WaitForExit(StepTimeout);
        _postmaster?.Dispose();
        _postmaster = null;
    }

    /// <summary>
    /// Restarts the server if it has exited, as it does when it cannot write its log; otherwise it recovers by itself.
    /// </summary>
    internal void StartIfEnded()
    {
        if (_postmaster is null or { HasExited: true })
            Start();
    }

    /// <summary>Restarts the server; returns once it accepts connections.</summary>
    public void Start()
    {
        _postmaster = Process.Start(
            ServerProgram(
                "postgres",
                [
                    "-D",
                    Data,
                    "-p",
                    _port.ToString(CultureInfo.InvariantCulture),
                    "-k",
                    _folder,
                    "-c",
                    $"listen_addresses={_address}",
                    "-c",
                    "shared_buffers=64MB",
                    "-c",
                    "max_connections=200",
                    "-c",
                    "recovery_init_sync_method=syncfs",
                    "-c",
                    "logging_collector=off",
                    "-c",
                    "log_destination=stderr",
                ]
            )
        )!;
        // Read to the end: a full pipe would block the server.
        var said = new ConcurrentQueue<string?>();
        _postmaster.OutputDataReceived += (_, line) => said.Enqueue(line.Data);
        _postmaster.ErrorDataReceived += (_, line) => said.Enqueue(line.Data);
        _postmaster.BeginOutputReadLine();
        _postmaster.BeginErrorReadLine();
        var watch = Stopwatch.StartNew();
        while (!TakesConnections())
        {
            if (_postmaster.HasExited || watch.Elapsed > StepTimeout)
                throw new InvalidOperationException(
                    $"PostgreSQL did not start: {string.Join('\n', said.TakeLast(LinesTold))}"
                );
            _postmaster.WaitForExit(PollPeriod);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NpgsqlConnection.ClearAllPools();
        if (_postmaster is not null)
        {
            Thaw();
            Signal(_postmaster.Id, SigInt);
            if (!_postmaster.WaitForExit(TimeSpan.FromSeconds(5)))
                Kill();
            _postmaster?.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string ConnectionString(string database) =>
        $"Host={(_network is null ? _address : _folder)};Port={_port};Username={SuperUser};Database={database}";

    private void Initialize()
    {
        if (Environment.IsPrivilegedProcess)
            Run("chown", SuperUser, _folder);
        RunAsServer("initdb", "-D", Data, "-U", SuperUser, "-A", "trust", "--no-locale", "-E", "UTF8", "--no-sync");
    }

    private bool TakesConnections()
    {
        try
        {
            Execute($"{ConnectionString(SuperUser)};Timeout=2", "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private void SignalAll(int signal)
    {
        var postmaster = _postmaster!.Id;
        // The postmaster first: frozen or dead, it starts no more children.
        Signal(postmaster, signal);
        foreach (var child in Children(postmaster))
            Signal(child, signal);
    }

    private static List<int> Children(int parent) =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(static folder => int.TryParse(Path.GetFileName(folder.AsSpan()), out var id) ? id : 0)
                .Where(id => id != 0 && ParentOf(id) == parent),
        ];

    private static int ParentOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            // The name, in brackets, may contain anything; state and parent follow it.
            return int.Parse(
                stat.AsSpan(stat.LastIndexOf(')') + 2).ToString().Split(' ')[1],
                CultureInfo.InvariantCulture
            );
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static void Signal(int process, int signal) => Kill(process, signal);

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    private void RunAsServer(string program, params string[] arguments) => Run(ServerProgram(program, arguments));

    // The server refuses to run as root. setpriv replaces itself with the server; runuser would stay beside it, stop
    // whenever the server is stopped, and never see its exit.
    private ProcessStartInfo ServerProgram(string program, string[] arguments)
    {
        var path = Path.Combine(Binaries!, program);
        if (!Environment.IsPrivilegedProcess)
            return Info(path, arguments);
        string[] asServer = [$"--reuid={SuperUser}", $"--regid={SuperUser}", "--init-groups", "--", path, .. arguments];
        return _network is null
            ? Info("setpriv", asServer)
            : Info("nsenter", [$"--net={_network.Path}", "--", "setpriv", .. asServer]);
    }

    private static void Run(string program, params string[] arguments) => Run(Info(program, arguments));

    private static void Run(ProcessStartInfo info)
    {
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(StepTimeout))
            process.Kill(entireProcessTree: true);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{info.FileName} failed: {errors.Result}{output.Result}");
    }

    private static ProcessStartInfo Info(string program, string[] arguments) =>
        new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A folder that the server's user may enter.
            WorkingDirectory = "/",
        };
}

/// <summary>Tests that share one server, each with databases of its own.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>
{
    internal const string Name = "postgres";
}
