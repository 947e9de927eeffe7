using System.Diagnostics;
using System.Text;
using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Capacity.Traffic;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;
using Grid.Bench.Load.Stage;
using Grid.Silo.Cluster;

namespace Grid.Tests.Bench;

public sealed class CapacityTrafficTests
{
    private const string Recorded =
        """{"scanId":"x","admit":true,"colour":"green","reasons":[],"test":null,"name":null,"recordedAt":"t"}""";

    [Theory]
    [InlineData("display=60,scan=40", 60, 40, 0, 0)]
    [InlineData("sampling=5,display=5", 5, 0, 0, 5)]
    public void A_mix_is_read(string text, int display, int scan, int batch, int sampling) =>
        Assert.Equal(new TrafficMix(display, scan, batch, sampling), TrafficMix.Parse(text));

    [Theory]
    [InlineData("scan=100")]
    [InlineData("display=0")]
    [InlineData("show=1")]
    [InlineData("display=1,scan=99")]
    public void A_mix_without_codes_to_scan_is_refused(string text) =>
        Assert.Throws<LoadException>(() => TrafficMix.Parse(text));

    [Fact]
    public void An_outdated_code_is_not_scanned()
    {
        var codes = new CodeRing(4);
        var old = Stopwatch.GetTimestamp();
        var later = old + (long)(CodeRing.MaxAge.TotalSeconds * Stopwatch.Frequency) + 1;
        Assert.Null(codes.Draw(new Random(1), old));

        codes.Add("HK1:OLD"u8, old);
        Assert.Equal("HK1:OLD"u8.ToArray(), codes.Draw(new Random(1), old));
        Assert.Null(codes.Draw(new Random(1), later));

        codes.Add("HK1:NEW"u8, later);
        for (var i = 0; i < 20; i++)
            Assert.Equal("HK1:NEW"u8.ToArray(), codes.Draw(new Random(i), later));
    }

    [Fact]
    public void The_answer_to_a_batch_is_split_into_its_outcomes()
    {
        ReadOnlySpan<byte> body =
            "[{\"scanId\":\"a\",\"test\":{\"x\":1}},{\"scanId\":\"b\",\"reasons\":[\"colour\"]}]"u8;

        Assert.True(OutcomeList.TryTake(ref body, out var first));
        Assert.Equal("""{"scanId":"a","test":{"x":1}}""", Encoding.UTF8.GetString(first));
        Assert.True(OutcomeList.TryTake(ref body, out var second));
        Assert.Equal("""{"scanId":"b","reasons":["colour"]}""", Encoding.UTF8.GetString(second));
        Assert.False(OutcomeList.TryTake(ref body, out _));
    }

    [Fact]
    public void A_batch_and_a_repeat_of_one_of_its_scans_have_the_same_fingerprint()
    {
        var history = new ScanHistory();
        ReadOnlySpan<byte> body = Encoding.UTF8.GetBytes($"[{Recorded},{Recorded}]");
        while (OutcomeList.TryTake(ref body, out var outcome))
            history.Acknowledge(new AskedScan(Guid.NewGuid(), [], 0), outcome);

        Assert.Equal(2, history.Answered.Count);
        Assert.All(history.Answered, scan =>
            Assert.Equal(Fingerprint.Of(Encoding.UTF8.GetBytes(Recorded)), scan.Outcome)
        );
        Assert.NotEqual(
            history.Answered[0].Outcome,
            Fingerprint.Of(Encoding.UTF8.GetBytes(Recorded.Replace("green", "red", StringComparison.Ordinal)))
        );
    }

    [Theory]
    [InlineData(
        """{"token":"HK1:A","test":{"result":"negative","collectedAt":"2026-11-21T07:40:12Z","""
            + """
                "ageHours":1,"state":"resulted"}}
                """,
        true,
        "2026-11-21T07:40:12Z"
    )]
    [InlineData(
        """{"test":{"result":null,"collectedAt":"2026-01-02T00:00:00Z","ageHours":null,"state":"sampled"}}""",
        false,
        "2026-01-02T00:00:00Z"
    )]
    [InlineData("""{"test":{"result":null,"collectedAt":null,"state":"none"}}""", false, null)]
    [InlineData("""{"test":{"result":"negative","collectedAt":"2026-02-30T00:00:00Z"}}""", true, null)]
    public void The_test_of_a_display_is_read(string body, bool isNegative, string? collectedAt)
    {
        var isRead = ShownTest.TryRead(Encoding.UTF8.GetBytes(body), out var negative, out var at);

        Assert.Equal(isNegative, negative);
        Assert.Equal(collectedAt is not null, isRead);
        if (collectedAt is not null)
            Assert.Equal(DateTimeOffset.Parse(collectedAt, System.Globalization.CultureInfo.InvariantCulture), at);
    }

    [Fact]
    public void A_display_without_an_acknowledged_result_is_stale()
    {
        var start = new DateTimeOffset(2026, 11, 21, 7, 40, 0, TimeSpan.Zero);
        var results = new ResultHistory(1, start);
        var source = Phones(results);
        var request = new RequestBuffer();
        Assert.True(source.TryNext(request, out var before));
        results.AcknowledgeMember(0, results.SecondOf(start.AddSeconds(30)));
        Assert.True(source.TryNext(request, out var after));

        // A display sent before the acknowledgement may lack the result; a later one must have it.
        var old = Display("2026-11-21T07:39:59Z");
        source.Judge(before, Ok(old));
        Assert.Equal(0, results.StaleDisplays);
        source.Judge(after, Ok(old));
        Assert.Equal(1, results.StaleDisplays);
        source.Judge(after, Ok(Display("2026-11-21T07:40:30Z")));
        source.Judge(after, Ok(Display("2026-11-21T08:00:00Z")));
        Assert.Equal(1, results.StaleDisplays);
    }

    [Fact]
    public void Only_a_silo_with_silent_residents_has_an_outage()
    {
        var silos = new SiloAvailability([0, 1, 2], TimeSpan.FromMilliseconds(100));
        long At(double seconds) => (long)((1_000 + seconds) * Stopwatch.Frequency);
        silos.Begin(At(0));

        for (var i = 1; i <= 100; i++)
        {
            silos.Done(0, At(i * 0.05));
            if (i is < 20 or > 50)
                silos.Done(1, At(i * 0.05));
        }

        // Silo 1 is silent from 0.95 s to 2.55 s, silo 2 to the end. The event was at 1.0 s.
        var outages = silos.OutagesAfter(At(1), At(5));
        Assert.Equal(TimeSpan.Zero, outages[0]);
        Assert.Equal(1.55, outages[1].TotalSeconds, 2);
        Assert.Equal(4, outages[2].TotalSeconds, 2);
    }

    [Fact]
    public void Residents_are_counted_at_the_silo_that_the_product_places_them_on()
    {
        string[] residents =
        [
            .. Enumerable
                .Range(0, 3_000)
                .Select(number => new Guid(new Random(number).Next(), 0, 0, new byte[8]).ToString()),
        ];
        int[] ports = [11_111, 22_222, 33_333];

        var placed = SiloAvailability.Place(residents, ports);

        var product = new PartitionDraw();
        SiloAddress[] silos = [.. ports.Select(port => SiloAddress.New(System.Net.IPAddress.Loopback, port, 77))];
        Assert.Equal(
            residents.Select(id => product.Winner(Partitions.Of(Guid.Parse(id)), silos).Endpoint.Port),
            placed.Select(silo => ports[silo])
        );
        Assert.All(Enumerable.Range(0, ports.Length), silo =>
            Assert.InRange(placed.Count(each => each == silo), 700, 1_300)
        );
        Assert.All(SiloAvailability.Place(residents, []), silo => Assert.Equal(0, silo));
    }

    [Fact]
    public void A_tube_takes_its_steps_in_order_and_is_acknowledged_at_the_end()
    {
        var results = new ResultHistory(10, TimeProvider.System.GetUtcNow());
        var source = new SamplingSource(Crowd(10), results, "h:1", "run", members: 5, TimeProvider.System);
        var steps = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            var request = new RequestBuffer();
            Assert.True(source.TryNext(request, out var tag));
            var text = Encoding.ASCII.GetString(request.Written);
            steps.Add(
                text[..text.IndexOf(" HTTP", StringComparison.Ordinal)]
                    .Replace("CAP-run-0", "T", StringComparison.Ordinal)
            );
            Assert.Equal(0, results.Tubes);
            var (status, body) = i switch
            {
                0 => (201, "{}"),
                7 => (202, """{"state":"applied"}"""),
                _ => (200, "{}"),
            };
            Assert.Equal(Verdict.Done, source.Judge(tag, new Response(status, Encoding.ASCII.GetBytes(body), true, 0)));
        }

        Assert.Equal(
            [
                "POST /v1/tubes",
                .. Enumerable.Repeat("POST /v1/tubes/T/samples", 5),
                "POST /v1/tubes/T/seal",
                "POST /v1/results",
            ],
            steps
        );
        Assert.Equal((1, 5), (results.Tubes, results.Members));
        Assert.Equal([0, 1, 2, 3, 4], results.Residents());
    }

    [Fact]
    public void A_step_that_timed_out_is_repeated_unchanged()
    {
        var source = new SamplingSource(
            Crowd(10),
            new ResultHistory(10, TimeProvider.System.GetUtcNow()),
            "h:1",
            "run",
            members: 5,
            TimeProvider.System
        );
        var (first, second) = (new RequestBuffer(), new RequestBuffer());
        Assert.True(source.TryNext(first, out var tag));
        source.GivenUp(tag, Verdict.TimedOut);
        Assert.True(source.TryNext(second, out _));

        Assert.Equal(first.Written.ToArray(), second.Written.ToArray());
    }

    private static PhoneSource Phones(ResultHistory results)
    {
        var crowd = Crowd(1);
        var silos = new SiloAvailability([0], TimeSpan.FromSeconds(1));
        return new PhoneSource(
            crowd.Displays("h:1"),
            new Grid.Bench.Load.Driving.ZipfSampler(1, 0, 1),
            new CodeRing(8),
            results,
            silos
        );
    }

    private static Response Ok(byte[] body) => new(200, body, true, body.Length);

    private static byte[] Display(string collectedAt) =>
        Encoding.ASCII.GetBytes(
            $$$"""{"token":"HK1:A","test":{"result":"negative","collectedAt":"{{{collectedAt}}}","""
                + """
                "ageHours":1,"state":"resulted"}}
                """
        );

    private static Crowd Crowd(int residents)
    {
        string[] ids = [.. Enumerable.Range(0, residents).Select(i => new Guid(i, 0, 0, new byte[8]).ToString())];
        return new Crowd
        {
            ResidentIds = ids,
            ResidentTokens = new PackedText([.. ids.Select(id => $"token-{id[..4]}")]),
            VenueIds = ["v"],
            DeviceTokens = ["d"],
            AdminToken = "a",
            SamplerToken = "s",
            LabToken = "l",
        };
    }
}
