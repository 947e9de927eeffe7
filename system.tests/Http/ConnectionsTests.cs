using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Grid.Gateway.Connections;
using Grid.Tests.Crash;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Http;

/// <summary>How many or greedy connections affect the others.</summary>
public sealed class ConnectionsTests(GridHost grid) : IClassFixture<GridHost>
{
    private const int Files = 700;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("1024                 1048576              files", 50_000, 512)]
    [InlineData("1048576              1048576              files", 50_000, 50_000)]
    [InlineData("600                  600                  files", 50_000, 88)]
    [InlineData("600                  600                  files", 10, 10)]
    [InlineData("unlimited            unlimited            files", 50_000, 50_000)]
    public void The_limit_of_open_files_bounds_the_connections(string limits, int setting, int connections) =>
        Assert.Equal(
            connections,
            OpenFiles.ConnectionsWithin(
                setting,
                OpenFiles.Parse([
                    "Max processes             7    7    processes",
                    $"Max open files            {limits}",
                ])
            )
        );

    [Fact]
    public void Too_few_open_files_stop_the_start() =>
        Assert.Contains(
            "ulimit",
            Assert.Throws<OptionsValidationException>(() => OpenFiles.ConnectionsWithin(50_000, 256)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task With_few_open_files_a_gateway_refuses_connections_serves_the_others_and_rests()
    {
        using var folder = new TemporaryFolder();
        using var gateway = await GridProcess.StartWith(["prlimit", $"--nofile={Files}:{Files}"], folder.Path);
        var address = gateway.Http.BaseAddress!;
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < 2 * Files; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(address.Host, address.Port).WaitAsync(Patience);
            }

            // The first connection is the test's own client: it is still served.
            Assert.Equal(HttpStatusCode.OK, (await gateway.Http.GetAsync("/livez")).StatusCode);
            // Connections above the limit are closed, not left in the backlog.
            Assert.Equal(0, await sockets[^1].ReceiveAsync(new byte[1]).WaitAsync(Patience));
            var before = gateway.ProcessorTime;
            await Task.Delay(TimeSpan.FromSeconds(2));
            Assert.InRange(gateway.ProcessorTime - before, TimeSpan.Zero, TimeSpan.FromSeconds(1));
            Assert.Contains(gateway.Said, line => line.Contains($"may open {Files} files", StringComparison.Ordinal));
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Connections_that_pipeline_leave_threads_to_the_others()
    {
        var resident = await grid.RegisterAsync();
        await grid.DisplayAsync(resident);
        using var stop = new CancellationTokenSource();
        var greedy = Enumerable
            .Range(0, 2 * Environment.ProcessorCount)
            .Select(_ => Task.Run(() => PipelineAsync(stop.Token)))
            .ToArray();
        try
        {
            for (var i = 0; i < 50; i++)
                await grid.DisplayAsync(resident).WaitAsync(Patience);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(greedy);
        }
        Assert.All(greedy, answered => Assert.True(answered.Result > 0));
    }

    /// <summary>
    /// Sends requests without a token and never waits for an answer; returns the number of bytes received.
    /// </summary>
    private async Task<long> PipelineAsync(CancellationToken stop)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(grid.Http.BaseAddress!.Host, grid.Http.BaseAddress.Port, CancellationToken.None);
        var requests = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat("GET /v1/me/code HTTP/1.1\r\nHost: grid\r\n\r\n", 200))
        );
        var read = 0L;
        var reading = Task.Run(
            async () =>
            {
                var buffer = new byte[64 * 1024];
                while (await socket.ReceiveAsync(buffer, stop) is > 0 and var bytes)
                    read += bytes;
            },
            CancellationToken.None
        );
        try
        {
            while (!stop.IsCancellationRequested)
                await socket.SendAsync(requests, stop);
            await reading;
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
        return read;
    }
}
