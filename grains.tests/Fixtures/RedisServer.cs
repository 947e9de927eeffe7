using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Grid.Tests.Fixtures;

/// <summary>A private Redis server on 127.0.0.1 and a free port, which keeps nothing: Debian's package, never one that runs already.</summary>
public sealed class RedisServer : IDisposable
{
    /// <summary>Says where the server's program is, when it is not in Debian's place.</summary>
    public const string Variable = "GRID_REDIS_SERVER";

    private const string DebianProgram = "/usr/bin/redis-server";
    private static readonly TimeSpan s_startMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pollPeriod = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly int _port = FreePort();

    public RedisServer()
    {
        string[] settings = ["--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        _process = Process.Start(new ProcessStartInfo(Program!, settings) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        var watch = Stopwatch.StartNew();
        while (!Answers())
        {
            if (_process.HasExited || watch.Elapsed > s_startMax)
                throw new InvalidOperationException("Redis did not start.");
            _process.WaitForExit(s_pollPeriod);
        }
    }

    /// <summary>The server's program; null where it is not installed.</summary>
    public static string? Program { get; } =
        new[] { Environment.GetEnvironmentVariable(Variable), DebianProgram }.FirstOrDefault(static path => path is not null && File.Exists(path));

    /// <summary>For StackExchange.Redis.</summary>
    public string ConnectionString => $"127.0.0.1:{_port}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A test on real Redis and PostgreSQL servers. Without their programs it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute()
    {
        if (RedisServer.Program is null)
            Skip = $"No Redis: install Debian's package redis-server or set {RedisServer.Variable}.";
        else if (PostgresServer.Binaries is null)
            Skip = PostgresFactAttribute.Reason;
    }
}
