using System.Globalization;

namespace Grid.Bench.Load.Processes;

/// <summary>A private Redis on a port of 127.0.0.1, removed afterwards.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private const string Program = "redis-server";

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

    /// <param name="folder">A folder for this server alone.</param>
    /// <param name="isDurable">True: every write is on the disk before its answer (<c>appendfsync always</c>), as a
    /// scan is in Grid. False: nothing is kept, which suffices for the membership of a temporary cluster.</param>
    /// <param name="stop">Cancels the start.</param>
    public static async Task<RedisProcess> StartAsync(string folder, bool isDurable, CancellationToken stop)
    {
        var program = Repository.OnPath(Program)
            ?? throw new CommandLine.LoadException(
                $"{Program} is not installed, and clusters and the contender 'redis' need it"
            );
        Directory.CreateDirectory(folder);
        var port = ServerProcess.FreePort();
        string[] settings =
        [
            "--port",
            port.ToString(CultureInfo.InvariantCulture),
            "--bind",
            "127.0.0.1",
            "--dir",
            folder,
            "--save",
            "",
            .. (string[])(isDurable ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"]),
        ];
        var redis = new RedisProcess(ServerProcess.Start("Redis", (program, settings), $"{folder}.log"), folder, port);
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
