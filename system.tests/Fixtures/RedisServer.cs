using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grid.Bench.Load.Processes;

namespace Grid.Tests.Fixtures;

/// <summary>
/// A private Redis server on a free port of 127.0.0.1 or in a test's network namespace. It keeps what it acknowledged
/// (append-only file, as the guide advises): Debian's package, never a server that already runs.
/// </summary>
public sealed class RedisServer : IDisposable
{
    /// <summary>Names the server's program when it is not in Debian's place.</summary>
    public const string Variable = "GRID_REDIS_SERVER";

    private const string DebianProgram = "/usr/bin/redis-server";
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(20);

    private readonly NetworkNamespace? _network;
    private readonly string _address;
    private readonly int _port;
    private readonly TemporaryFolder _folder = new();
    private Process? _process;

    public RedisServer()
        : this(null, "127.0.0.1", Ports.Free()) { }

    /// <summary>Starts a server in a network namespace.</summary>
    internal RedisServer(NetworkNamespace? network, string address, int port, bool isStarted = true)
    {
        (_network, _address, _port) = (network, address, port);
        if (isStarted)
            Start();
    }

    /// <summary>The path of the server's program; null where it is not installed.</summary>
    public static string? Program { get; } =
        new[] { Environment.GetEnvironmentVariable(Variable), DebianProgram }.FirstOrDefault(static path =>
            path is not null && File.Exists(path)
        );

    /// <summary>For StackExchange.Redis.</summary>
    public string ConnectionString => $"{_address}:{_port}";

    /// <summary>A server that is not started yet.</summary>
    internal static RedisServer Later() => new(null, "127.0.0.1", Ports.Free(), isStarted: false);

    /// <summary>Starts the server with its data; returns once it accepts connections.</summary>
    internal void Start()
    {
        string[] settings =
        [
            "--port",
            _port.ToString(CultureInfo.InvariantCulture),
            "--bind",
            _address,
            "--protected-mode",
            "no",
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--dir",
            _folder.Path,
        ];
        var start = _network?.Start(Program!, settings)
            ?? new ProcessStartInfo(Program!, settings) { RedirectStandardOutput = true };
        var ready = new TaskCompletionSource();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("Ready to accept connections", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        };
        _process.BeginOutputReadLine();
        var watch = Stopwatch.StartNew();
        while (!ready.Task.IsCompleted)
        {
            if (_process.HasExited || watch.Elapsed > MaxStartTime)
                throw new InvalidOperationException("Redis did not start.");
            _process.WaitForExit(PollPeriod);
        }
    }

    /// <summary>Kills the server.</summary>
    internal void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Deletes the data of a killed server.</summary>
    internal void Lose()
    {
        foreach (var kept in Directory.GetDirectories(_folder.Path))
            Directory.Delete(kept, recursive: true);
    }

    /// <summary>Suspends the server: connections stay open and nothing answers.</summary>
    internal void Freeze() => Signal.Send(_process!.Id, Signal.Stop);

    /// <summary>Resumes the server with all its data.</summary>
    internal void Thaw() => Signal.Send(_process!.Id, Signal.Continue);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_process is not null)
            Kill();
        _folder.Dispose();
    }
}

/// <summary>
/// A test on real Redis and PostgreSQL servers. Skipped with a reason where their programs are missing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = Reason;

    internal static string? Reason { get; } =
        RedisServer.Program is null ? $"No Redis: install Debian's package redis-server or set {RedisServer.Variable}."
        : PostgresServer.Binaries is null ? PostgresFactAttribute.Reason
        : null;
}

/// <summary>The same as a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() => Skip = RedisFactAttribute.Reason;
}

/// <summary>
/// A slow failure test on a cluster's processes, part of the full campaign (<c>GRID_CAMPAIGN=full</c>).
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CampaignFactAttribute : FactAttribute
{
    public CampaignFactAttribute() => Skip = Reason;

    internal static string? Reason =>
        Environment.GetEnvironmentVariable("GRID_CAMPAIGN") == "full"
            ? RedisFactAttribute.Reason
            : "A failure of a cluster takes half a minute: set GRID_CAMPAIGN=full.";
}

/// <summary>The same in network namespaces. Skipped with a reason where they cannot be created.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> NoNetwork = new(ReasonNotTo);

    public NetworkFactAttribute() => Skip = CampaignFactAttribute.Reason ?? NoNetworks;

    /// <summary>Why network namespaces cannot be created here; null where they can.</summary>
    internal static string? NoNetworks => NoNetwork.Value;

    private static string? ReasonNotTo()
    {
        try
        {
            using var network = new NetworkNamespace();
            return null;
        }
        catch (Exception exception)
            when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"No network namespaces, which need root and Debian's package iproute2: {exception.Message.Trim()}";
        }
    }
}
