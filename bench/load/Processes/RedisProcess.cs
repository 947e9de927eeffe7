using System.Globalization;

namespace Grid.Bench.Load.Processes;

/// <summary>
/// A private Redis for one comparison, on a port of 127.0.0.1 alone, with every write on the disk before its answer
/// (<c>appendfsync always</c>), as a scan is in Grid; ended and removed afterwards.
/// </summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private const string Program = "/usr/bin/redis-server";

    private readonly ServerProcess _server;
    private readonly string _folder;

    private RedisProcess(ServerProcess server, string folder, int port)
    {
        _server = server;
        _folder = folder;
        Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
    }

    public string Address { get; }

    public int Pid => _server.Pid;

    public static async Task<RedisProcess> StartAsync(string folder, string logFile, CancellationToken stop)
    {
        if (!File.Exists(Program))
            throw new CommandLine.LoadException("Redis is not installed: leave 'redis' out of --contenders");
        Directory.CreateDirectory(folder);
        var port = ServerProcess.FreePort();
        string[] settings =
        [
            "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", folder, "--save", "",
            "--appendonly", "yes", "--appendfsync", "always",
        ];
        var redis = new RedisProcess(ServerProcess.Start("Redis", (Program, settings), logFile), folder, port);
        try
        {
            await redis._server.UntilReadyAsync(port, TimeSpan.FromSeconds(30), stop);
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
        return redis;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
