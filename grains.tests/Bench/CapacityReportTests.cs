using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Capacity.Play;
using Grid.Bench.Load.Capacity.Reporting;
using Grid.Bench.Load.Capacity.Search;
using Grid.Bench.Load.Capacity.Sizing;
using Grid.Bench.Load.Comparing;
using Grid.Bench.Load.Measure;

namespace Grid.Tests.Bench;

public sealed class CapacityReportTests
{
    [Fact]
    public void The_report_has_the_rates_their_scaling_and_the_size_of_a_city()
    {
        var text = ConsoleText.Of(Report());

        Assert.Contains("| 2 silos | 19,000 |", text, StringComparison.Ordinal);
        Assert.Contains("| 1.90 | 95% |", text, StringComparison.Ordinal);
        Assert.Contains("For 12.95 M residents at 40,000 requests/s", text, StringComparison.Ordinal);
        Assert.Contains("Nothing acknowledged is lost", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_is_stated_plainly()
    {
        var lost = Report() with
        {
            History = new HistoryVerdict { Scans = 10, Rows = new RowVerdict(9, 1, 0) },
        };

        Assert.False(lost.History.IsIntact);
        Assert.Contains("SOMETHING ACKNOWLEDGED IS LOST", ConsoleText.Of(lost), StringComparison.Ordinal);
        Assert.True(new HistoryVerdict { Scans = 10, Rows = new RowVerdict(12, 0, 0) }.IsIntact);
        Assert.False(new HistoryVerdict { Unanswered = 1 }.IsIntact);
        Assert.False(new HistoryVerdict { StaleDisplays = 1 }.IsIntact);
        Assert.False(new HistoryVerdict { OutcomesChanged = 1 }.IsIntact);
        Assert.False(new HistoryVerdict { Rows = new RowVerdict(10, 0, 1) }.IsIntact);
    }

    [Fact]
    public void Unequal_slices_are_stated()
    {
        var free = Report() with { Slice = null, WhyNoSlices = "there are no control groups here" };

        Assert.Contains("Slices were not equal", ConsoleText.Of(free), StringComparison.Ordinal);
        Assert.Contains("there are no control groups here", ConsoleText.Of(free), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.095, 0.4, 0.2, 0.0, 0.0, Bottleneck.Silos)]
    [InlineData(0.05, 1.2, 0.6, 0.0, 0.0, Bottleneck.Gateway)]
    [InlineData(0.05, 0.4, 0.95, 0.0, 0.0, Bottleneck.Client)]
    [InlineData(0.05, 0.2, 0.1, 1.5, 0.0, Bottleneck.Others)]
    [InlineData(0.05, 0.4, 0.2, 0.0, 5_000.0, Bottleneck.Store)]
    [InlineData(0.05, 0.4, 0.2, 0.0, 0.0, Bottleneck.None)]
    public void The_bottleneck_is_the_part_that_used_up_its_capacity(
        double silo,
        double gateway,
        double client,
        double others,
        double queue,
        string expected
    )
    {
        var usage = new Usage(
            3,
            [
                new MemberUsage("silo-1", MemberRole.Silo, silo, 0),
                new MemberUsage("gateway", MemberRole.Gateway, gateway, 0),
            ],
            client,
            others,
            MachineCores: 2,
            new StoreUsage(1000, 100, 0.001, queue)
        );

        Assert.Equal(expected, Bottleneck.Of(usage, slice: 0.1));
    }

    [Fact]
    public void A_broken_bound_is_named()
    {
        var bounds = SearchBounds.Default;

        Assert.Null(bounds.Broken(Load(1_000, p99: 50)));
        Assert.StartsWith("p99", bounds.Broken(Load(1_000, p99: 250)), StringComparison.Ordinal);
        Assert.StartsWith(
            "errors",
            bounds.Broken(Load(1_000, p99: 50) with { ErrorRate = 0.01 }),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "achieved",
            bounds.Broken(Load(1_000, p99: 50) with { OfferedPerSecond = 2_000 }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Recovery_counts_from_the_end_of_the_overload_to_the_first_normal_second()
    {
        var load = Load(1_000, 10) with
        {
            Intervals =
            [
                .. Enumerable
                    .Range(1, 35)
                    .Select(second => new IntervalReport(
                        second,
                        1_000,
                        1_000,
                        second is > 5 and <= 22 ? 5 : 0,
                        1,
                        10,
                        second is > 5 and <= 23 ? 400 : 10
                    )),
            ],
        };

        Assert.Equal(4, Targets.Recovery(load, overloadEnds: 20));
        Assert.Null(
            Targets.Recovery(load with { Intervals = [.. load.Intervals.Select(each => each with { Failed = 1 })] }, 20)
        );
    }

    [Fact]
    public void Refusals_of_a_change_count_from_its_start_for_each_phase()
    {
        var load = Load(1_000, 10) with
        {
            Intervals =
            [
                .. Enumerable
                    .Range(1, 10)
                    .Select(static second => new IntervalReport(
                        second,
                        1_000,
                        1_000,
                        second == 7 ? 2 : 0,
                        1,
                        10,
                        10,
                        second > 4 ? 3 : 1
                    )),
            ],
            Phases =
            [
                new PhaseReport("9 join", 5, 10, 1_000, 1_000, 0.4, 3, Load(1, 30).LatencyMs, Load(1, 30).LatencyMs),
            ],
        };

        var lines = Targets.Refused(load, since: 5).ToArray();
        Assert.Equal("15 repeated, 2 requests failed", lines[0].Figure);
        Assert.Equal("17, 30.0 ms, 30 ms", lines[^1].Figure);
    }

    [Fact]
    public void A_step_counts_the_full_seconds_within_it()
    {
        var load = Load(1_000, 10) with
        {
            Intervals =
            [
                .. Enumerable
                    .Range(1, 10)
                    .Select(static second => new IntervalReport(
                        second,
                        1_000,
                        1_000,
                        second == 4 ? 1 : 0,
                        1,
                        second,
                        second,
                        2
                    )),
            ],
        };

        var lines = Targets.Steps(load, [("3 gateways", 0), ("9 start", 3.5), ("after the load", 20)]).ToArray();
        Assert.Equal(
            ["2.0 ms, 3.0 ms; 6 in 3 s", "8.0 ms, 10.0 ms; 12 in 6 s"],
            lines.Select(static line => line.Figure)
        );
    }

    [Fact]
    public void A_share_is_the_part_of_the_work_between_two_samples()
    {
        var before = new Dictionary<string, double> { ["silo-1"] = 100, ["silo-2"] = 100 };
        var now = new Dictionary<string, double>
        {
            ["silo-1"] = 160,
            ["silo-2"] = 120,
            ["silo-3"] = 20,
        };

        Assert.Equal(0.2, ShareWatch.Share(before, now, "silo-3"), 6);
        Assert.Equal(0, ShareWatch.Share(before, before, "silo-3"));
    }

    private static CapacityReport Report()
    {
        CapacityPoint[] points = [Point(1, 10_000), Point(2, 19_000)];
        var measured = points.Select(point => point.Measured).ToArray();
        var model = SizingModel.Fit(measured, 0.1);
        return new CapacityReport
        {
            At = new DateTimeOffset(2026, 11, 21, 5, 0, 0, TimeSpan.Zero),
            Command = "capacity --silos 1,2",
            Machine = new MachineReport("a processor", 2, 24, "Linux", "10.0"),
            Scenario = "mixed",
            Mix = "display=60",
            Bounds = SearchBounds.Default,
            Residents = 100_000,
            Slice = 0.1,
            PeriodMs = 20,
            Points = points,
            Predictions = Prediction.Of(measured, 0.1),
            Model = model,
            Needs = CityNeeds.Default,
            Size = CitySize.Of(CityNeeds.Default, model, 20, 0.5),
            History = new HistoryVerdict
            {
                Scans = 10,
                ScansAskedAgain = 10,
                Rows = new RowVerdict(10, 0, 0),
            },
        };
    }

    private static CapacityPoint Point(int silos, double rate)
    {
        var members = Enumerable
            .Range(1, silos)
            .Select(i => new MemberUsage($"silo-{i}", MemberRole.Silo, 0.095, 0.5))
            .Append(new MemberUsage("gateway", MemberRole.Gateway, 0.4, 0))
            .ToArray();
        var usage = new Usage(3, members, 0.1, 0.02, 2, new StoreUsage(rate / 2, 100, 0.001, 10));
        var trial = new Trial(rate, Load(rate, 40), usage, null, Bottleneck.Silos);
        return new CapacityPoint(
            silos == 1 ? "1 silo" : $"{silos} silos",
            silos,
            [rate * 0.98, rate, rate * 1.03],
            true,
            trial,
            Bottleneck.Silos
        );
    }

    private static LoadReport Load(double rate, double p99) =>
        new()
        {
            Scenario = "capacity",
            Url = "",
            Loop = "open",
            Connections = 1,
            Threads = 1,
            Seconds = 3,
            OfferedPerSecond = rate,
            AchievedPerSecond = rate,
            UnitsPerSecond = rate,
            Unsent = 0,
            Failed = 0,
            ErrorRate = 0,
            LatencyMs = new LatencyFigures(5, 4, 10, p99, p99, p99),
            Kinds = [],
            Statuses = new Dictionary<int, long>(),
            Connects = 1,
            ConnectFailures = 0,
            ReceivedMegabytesPerSecond = 1,
        };
}
