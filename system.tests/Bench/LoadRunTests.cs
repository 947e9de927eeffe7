using System.Net;
using System.Net.Sockets;
using System.Text;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;
using Grid.Bench.Load.Scenarios;

namespace Grid.Tests.Bench;

/// <summary>Runs of load against a small server that answers as each test specifies.</summary>
public sealed class LoadRunTests
{
    private static readonly TimeSpan MaxRun = TimeSpan.FromSeconds(30);
    private const string Fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task A_closed_loop_counts_each_answer_once()
    {
        await using var server = new TinyServer(_ => Fine);

        var report = await RunAsync(server.Plan(TimeSpan.FromMilliseconds(200)));

        Assert.Equal(0, report.ErrorRate);
        Assert.True(report.AchievedPerSecond > 0);
        Assert.Equal(report.Statuses[200], report.Kinds.Single().Done);
        // The count matches the server's, except for the answers in flight at the end.
        Assert.InRange(server.Answers - report.Kinds.Single().Done, 0, report.Connections);
        Assert.Equal(report.Connections, report.Connects);
    }

    [Fact]
    public async Task An_open_loop_offers_its_rate()
    {
        await using var server = new TinyServer(_ => Fine);

        var report = await RunAsync(server.Plan(TimeSpan.FromMilliseconds(500)) with { Rate = RateProfile.Flat(1000) });

        Assert.InRange(report.OfferedPerSecond, 990, 1010);
        Assert.Equal(0, report.Failed);
    }

    [Fact]
    public async Task A_stall_shows_in_the_latency_of_every_request_that_was_due_in_it()
    {
        // One connection, one stall: a closed loop would see one slow answer among hundreds.
        using var stall = new ManualResetEventSlim();
        await using var server = new TinyServer(number =>
        {
            if (number == 50)
                stall.Wait(TimeSpan.FromMilliseconds(300));
            return Fine;
        });

        var report = await RunAsync(
            server.Plan(TimeSpan.FromMilliseconds(600)) with
            {
                Connections = 1,
                Rate = RateProfile.Flat(500),
            }
        );

        // 300 of 600 ms were stalled, so about half of the requests waited, evenly between 0 and 300 ms.
        Assert.True(report.LatencyMs.P90 > 200, $"p90 {report.LatencyMs.P90} ms");
    }

    [Fact]
    public async Task Requests_beyond_the_backlog_are_unsent_and_count_as_errors()
    {
        using var never = new ManualResetEventSlim();
        await using var server = new TinyServer(number =>
        {
            never.Wait(TimeSpan.FromMilliseconds(100));
            return Fine;
        });

        var report = await RunAsync(
            server.Plan(TimeSpan.FromMilliseconds(400)) with
            {
                Connections = 1,
                Rate = RateProfile.Flat(1000),
                MaxBacklog = 10,
            }
        );

        Assert.True(report.Unsent > 300, $"unsent {report.Unsent}");
        Assert.True(report.ErrorRate > 0.8, $"error rate {report.ErrorRate}");
        Assert.InRange(report.OfferedPerSecond, 980, 1020);
    }

    [Theory]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "refused")]
    [InlineData("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", "refused")]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", "wrong")]
    [InlineData("nonsense\r\n\r\n", "broken")]
    public async Task Failures_are_told_apart_and_have_no_latency(string answer, string kind)
    {
        await using var server = new TinyServer(_ => answer);

        var report = await RunAsync(server.Plan(TimeSpan.FromMilliseconds(200)));

        var counts = report.Kinds.Single();
        Assert.Equal(1, report.ErrorRate);
        Assert.Equal(0, counts.Done);
        Assert.True(
            (
                kind switch
                {
                    "refused" => counts.Refused,
                    "wrong" => counts.Wrong,
                    _ => counts.Broken,
                }
            ) > 0
        );
        Assert.Equal(0, report.LatencyMs.Max);
    }

    [Fact]
    public async Task A_refused_request_is_retried_after_the_servers_retry_after()
    {
        var sent = new System.Collections.Concurrent.ConcurrentQueue<long>();
        await using var server = new TinyServer(number =>
        {
            sent.Enqueue(System.Diagnostics.Stopwatch.GetTimestamp());
            return number == 0
                ? "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
                : Fine;
        });

        var report = await RunAsync(
            server.Plan(TimeSpan.FromSeconds(3)) with
            {
                Connections = 1,
                Rate = RateProfile.Flat(1),
                MaxRetries = 3,
            }
        );

        Assert.Equal(0, report.ErrorRate);
        Assert.Equal(1, report.Retries);
        Assert.Equal(1, report.Statuses[503]);
        Assert.Equal(report.Kinds.Single().Done + 1, sent.Count);
        // The request's latency includes the pause; that of the successful attempt does not.
        Assert.InRange(report.LatencyMs.Max, 1_000, 1_900);
        Assert.True(report.AdmittedMs!.Max < 500, $"{report.AdmittedMs.Max} ms");
    }

    [Fact]
    public async Task A_request_is_given_up_after_its_last_attempt()
    {
        await using var server = new TinyServer(_ => "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        // Long: the end of the run cuts off retries that are due then.
        var plan = server.Plan(TimeSpan.FromSeconds(2)) with
        {
            Connections = 4,
            Rate = RateProfile.Flat(20),
            MaxRetries = 2,
            RetryPause = TimeSpan.FromMilliseconds(10),
        };

        var report = await RunAsync(plan);

        Assert.Equal(1, report.ErrorRate);
        Assert.InRange(report.Retries, report.Failed, 2 * report.Failed);
        Assert.Equal(report.Failed + report.Retries, report.Statuses[503]);
    }

    [Fact]
    public async Task Each_phase_is_summed_up_separately()
    {
        await using var server = new TinyServer(_ => Fine);
        var rate = RateProfile.Of((0, 100), (1, 100), (1.001, 400), (2, 400));

        var report = await RunAsync(
            server.Plan(TimeSpan.FromSeconds(2)) with
            {
                Rate = rate,
                Phases = [new LoadPhase("low", 0, 1), new LoadPhase("high", 1, 2)],
            }
        );

        Assert.Equal(["low", "high"], report.Phases.Select(phase => phase.Name));
        Assert.InRange(report.Phases[0].OfferedPerSecond, 99, 101);
        Assert.InRange(report.Phases[1].OfferedPerSecond, 395, 401);
        Assert.True(report.Phases[1].DonePerSecond > 2 * report.Phases[0].DonePerSecond);
    }

    [Fact]
    public async Task A_connection_that_the_server_closes_is_reopened()
    {
        await using var server = new TinyServer(number =>
            number % 10 == 9 ? "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" : Fine
        );

        var report = await RunAsync(server.Plan(TimeSpan.FromMilliseconds(600)));

        Assert.Equal(0, report.ErrorRate);
        Assert.True(report.Connects > report.Connections);
    }

    [Fact]
    public async Task A_missing_server_is_an_error_and_the_run_ends_in_time()
    {
        int port;
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        }

        var report = await RunAsync(
            new LoadPlan
            {
                Server = new IPEndPoint(IPAddress.Loopback, port),
                Duration = TimeSpan.FromMilliseconds(200),
                Warmup = TimeSpan.Zero,
            }
        );

        Assert.Equal(1, report.ErrorRate);
        Assert.True(report.ConnectFailures > 0);
    }

    [Fact]
    public async Task A_request_without_an_answer_times_out()
    {
        await using var server = new TinyServer(_ => null);

        var report = await RunAsync(
            server.Plan(TimeSpan.FromMilliseconds(300)) with
            {
                Connections = 2,
                Timeout = TimeSpan.FromMilliseconds(100),
            }
        );

        Assert.True(report.Kinds.Single().TimedOut >= 2);
        Assert.Equal(1, report.ErrorRate);
    }

    [Fact]
    public async Task An_exhausted_source_ends_the_run_early()
    {
        await using var server = new TinyServer(_ => Fine);
        var plan = server.Plan(TimeSpan.FromSeconds(20));

        var report = await LoadRun.RunAsync(plan, "few", _ => new FewSource(57), null, default).WaitAsync(MaxRun);

        Assert.Equal(57, report.Kinds.Single().Done);
        Assert.True(report.Seconds < 10);
    }

    private static Task<LoadReport> RunAsync(LoadPlan plan) =>
        LoadRun.RunAsync(plan, "get", _ => new GetSource("localhost", "/"), null, default).WaitAsync(MaxRun);

    private sealed class FewSource(int count) : IRequestSource
    {
        private readonly GetSource _get = new("localhost", "/");
        private int _left = count;

        public bool TryNext(Grid.Bench.Load.Http.RequestBuffer request, out RequestTag tag)
        {
            tag = default;
            return _left-- > 0 && _get.TryNext(request, out tag);
        }

        public Verdict Judge(in RequestTag tag, in Grid.Bench.Load.Http.Response response) => _get.Judge(tag, response);
    }

    /// <summary>Answers each request by its number; a null answer is silence.</summary>
    private sealed class TinyServer : IAsyncDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly Func<int, string?> _answer;
        private readonly Task _accepting;
        private int _requests;
        private int _answers;

        public TinyServer(Func<int, string?> answer)
        {
            _answer = answer;
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            _accepting = AcceptAsync();
        }

        public int Answers => Volatile.Read(ref _answers);

        public LoadPlan Plan(TimeSpan duration) =>
            new()
            {
                Server = (IPEndPoint)_listener.LocalEndPoint!,
                Connections = 4,
                Duration = duration,
                Warmup = TimeSpan.Zero,
            };

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _ = ServeAsync(await _listener.AcceptAsync());
            }
            catch (SocketException)
            {
                // The server is disposed.
            }
            catch (ObjectDisposedException)
            {
                // The server is disposed.
            }
        }

        private async Task ServeAsync(Socket socket)
        {
            using var _ = socket;
            var buffer = new byte[4096];
            try
            {
                while (await socket.ReceiveAsync(buffer) > 0)
                {
                    var number = Interlocked.Increment(ref _requests) - 1;
                    if (_answer(number) is not { } text)
                        continue;
                    await socket.SendAsync(Encoding.ASCII.GetBytes(text));
                    Interlocked.Increment(ref _answers);
                    if (text.Contains("close", StringComparison.Ordinal))
                        return;
                }
            }
            catch (SocketException)
            {
                // The client has disconnected.
            }
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _accepting.WaitAsync(MaxRun);
        }
    }
}
