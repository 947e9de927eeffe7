using System.Net;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Comparing;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;

namespace Grid.Tests.Bench;

public sealed class CompareTests
{
    private const string WrkOutput = """
        Running 5s test @ http://127.0.0.1:18101/ceiling
          1 threads and 64 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency   421.59us  408.65us  12.44ms   95.33%
            Req/Sec   144.76k    23.26k  181.74k    82.35%
          Latency Distribution
             50%  317.00us
             75%  485.00us
             90%    1.65ms
             99%    2.49s
          734054 requests in 5.10s, 113.41MB read
          Socket errors: connect 0, read 1, write 2, timeout 3
          Non-2xx or 3xx responses: 48
        Requests/sec: 143926.46
        Transfer/sec:     22.24MB
        """;

    [Fact]
    public void The_output_of_wrk_becomes_a_report()
    {
        var plan = new LoadPlan { Server = new IPEndPoint(IPAddress.Loopback, 1) };

        var report = WrkClient.Report(plan, "display", WrkOutput, serverSeconds: 7.34054);

        Assert.Equal(54, report.Failed);
        Assert.Equal((734_054 - 54) / 5.1, report.AchievedPerSecond, 3);
        Assert.Equal(0.317, report.LatencyMs.P50, 6);
        Assert.Equal(1.65, report.LatencyMs.P90, 6);
        Assert.Equal(2490, report.LatencyMs.P99, 6);
        Assert.Equal(10, report.ServerCpuMicroseconds!.Value, 6);
        Assert.Equal(54 / 734_054.0, report.ErrorRate, 9);
    }

    [Fact]
    public void Output_without_a_total_is_an_error() =>
        Assert.Throws<LoadException>(() =>
            WrkClient.Report(new LoadPlan { Server = new IPEndPoint(IPAddress.Loopback, 1) }, "display", "oops", 0)
        );

    [Theory]
    [InlineData(new[] { 3.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 2, 3 }, 2.5)]
    [InlineData(new[] { 5.0 }, 5)]
    [InlineData(new double[0], 0)]
    public void The_median_is_the_middle(double[] values, double median) =>
        Assert.Equal(median, CompareReport.Median(values));

    [Fact]
    public void Scenarios_and_contenders_are_lists_and_the_ceiling_always_runs()
    {
        var options = CompareOptions.Parse([
            "--scenario",
            "scan,scan-batch",
            "--contenders",
            "grid,redis",
            "--rounds",
            "5",
        ]);

        Assert.Equal(["scan", "scan-batch"], options.Scenarios);
        Assert.Equal(["ceiling", "grid", "redis"], options.Contenders);
        Assert.Equal(256, options.ConnectionsOf("scan"));
        Assert.Equal(Contender.All.Keys, CompareOptions.Parse([]).Contenders);
    }

    [Fact]
    public void A_goal_is_the_median_of_the_ratios_within_the_rounds()
    {
        ScenarioReport[] scenarios =
        [
            Scenario(
                "display",
                ("grid", [60, 90, 200], 1),
                ("ceiling", [100, 100, 200], 1),
                ("redis", [50, 50, 50], 1)
            ),
            Scenario("scan-batch", ("grid", [1_400, 1_600, 1_700], 100)),
        ];

        Assert.Equal([0.9, 1.8, 160_000], Goal.All.Select(goal => goal.Reached(scenarios)).OfType<double>());
        Assert.Equal(
            """
            | path | measured as | must reach | reached | |
            |---|---|---:|---:|---|
            | display, one process | of ceiling | ≥ 0.65 | 0.90 | met |
            | display, one process | of redis | ≥ 1.30 | 1.80 | met |
            | scans in batches of 100 | durable facts a second | ≥ 150,000 | 160,000 | met |

            """,
            Goal.Table(scenarios)
        );
        var half = Scenario("display", ("grid", [50], 1), ("ceiling", [100], 1));
        Assert.Contains("| 0.50 | short |", Goal.Table([half]), StringComparison.Ordinal);
        Assert.Equal("", Goal.Table([]));
    }

    [Fact]
    public void A_contender_without_a_ceiling_beside_it_has_no_ratio()
    {
        var report = Scenario("results", ("grid", [10, 20, 40], 20));

        var grid = Assert.Single(report.Contenders);
        Assert.Null(grid.Ratio);
        Assert.Equal(20, grid.RequestsPerSecond);
        Assert.Equal(400, grid.UnitsPerSecond);
    }

    [Theory]
    [InlineData("--scenario", "mixed")]
    [InlineData("--contenders", "oracle")]
    [InlineData("--rounds", "0")]
    public void An_invalid_comparison_is_refused(string name, string value) =>
        Assert.Throws<LoadException>(() => CompareOptions.Parse([name, value]));

    [Fact]
    public void Memory_is_read_from_the_kernel()
    {
        Assert.Equal(204_800, ProcessMemory.Parse(["Name:\tdotnet", "VmHWM:\t     300 kB", "VmRSS:\t     200 kB"]));
        Assert.Equal(0, ProcessMemory.Parse(["Name:\tdotnet"]));
        Assert.True(ProcessMemory.ResidentBytes(Environment.ProcessId) > 1_000_000);
    }

    [Fact]
    public void Wrk_drives_no_batches() =>
        Assert.Throws<LoadException>(() => CompareOptions.Parse(["--client", "wrk", "--scenario", "scan-batch"]));

    private static ScenarioReport Scenario(
        string name,
        params (string Contender, double[] Rates, int Units)[] contenders
    )
    {
        RoundReport[] rounds =
        [
            .. contenders.SelectMany(each =>
                each.Rates.Select((rate, round) => new RoundReport(round, each.Contender, Load(name, rate, each.Units)))
            ),
        ];
        return new ScenarioReport(
            name,
            64,
            [.. contenders.Select(each => ContenderReport.Of(each.Contender, rounds))],
            rounds
        );
    }

    private static LoadReport Load(string scenario, double rate, int units) =>
        new()
        {
            Scenario = scenario,
            Url = "",
            Loop = "closed",
            Connections = 64,
            Threads = 1,
            Seconds = 1,
            OfferedPerSecond = rate,
            AchievedPerSecond = rate,
            UnitsPerSecond = rate * units,
            Unsent = 0,
            Failed = 0,
            ErrorRate = 0,
            LatencyMs = new LatencyFigures(1, 1, 1, 1, 1, 1),
            Kinds = [],
            Statuses = new Dictionary<int, long>(),
            Connects = 64,
            ConnectFailures = 0,
            ReceivedMegabytesPerSecond = 1,
        };
}
