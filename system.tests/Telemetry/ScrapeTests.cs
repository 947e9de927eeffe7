using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Grid.Hosting.Telemetry;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Telemetry;

/// <summary>
/// Scrapes by many clients, by strangers and by clients that do not read: <c>/metrics</c> stays cheap and available.
/// </summary>
public sealed class ScrapeTests(GridHost grid) : IClassFixture<GridHost>
{
    private const int Scrapers = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Any_number_may_scrape_at_once_and_metrics_are_collected_once_for_all_of_them()
    {
        var collected = 0;
        await using var other = new GridHost();
        await other.StartAsync();
        using var meter = new Meter(
            new MeterOptions("Grid.Test") { Scope = other.Services.GetRequiredService<IMeterFactory>() }
        );
        meter.CreateObservableGauge("grid.test.collected", () => Interlocked.Increment(ref collected));
        var since = Stopwatch.GetTimestamp();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, Scrapers).Select(_ => other.CallAsync(HttpMethod.Get, "/metrics", null))
        );

        var took = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        Assert.All(answers, static answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.All(answers, static answer =>
            Assert.Contains("grid_test_collected{} ", answer.Text, StringComparison.Ordinal)
        );
        Assert.InRange(collected, 1, 1 + (int)(took / GridTelemetry.ScrapeCacheMs));
    }

    [Fact]
    public async Task A_scraper_that_stops_reading_blocks_no_other()
    {
        using var stalled = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveBufferSize = 1024,
        };
        await stalled.ConnectAsync(IPAddress.Loopback, grid.Http.BaseAddress!.Port);
        // More answers than all buffers on the way hold; none is read.
        var requests = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 2_000))
        );
        await stalled.SendAsync(requests).WaitAsync(Patience);

        using var limit = new CancellationTokenSource(Patience);
        using var client = new HttpClient { BaseAddress = grid.Http.BaseAddress };
        // After the cache has expired, so that the page is rendered again while the other request still holds its
        // answer.
        var since = Stopwatch.GetTimestamp();
        var slowest = TimeSpan.Zero;
        while (Stopwatch.GetElapsedTime(since).TotalMilliseconds < 10 * GridTelemetry.ScrapeCacheMs)
        {
            var from = Stopwatch.GetTimestamp();
            Assert.Contains(
                "target_info",
                await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), limit.Token),
                StringComparison.Ordinal
            );
            slowest = slowest > Stopwatch.GetElapsedTime(from) ? slowest : Stopwatch.GetElapsedTime(from);
        }
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_head_request_has_the_length_of_the_page_and_no_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/metrics");
        using var answer = await grid.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.InRange(answer.Content.Headers.ContentLength ?? 0, 1_000, 1 << 20);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        (await grid.CallAsync(HttpMethod.Post, "/metrics", null)).Refused(405, "method-not-allowed");
    }

    [Fact]
    public async Task Hosts_of_one_process_show_their_own_metrics_only()
    {
        await grid.DisplayAsync(await grid.RegisterAsync());
        await using var other = new GridHost();
        await other.StartAsync();
        // Each host creates the gauge when it is first read.
        foreach (var host in new[] { grid, other })
            Assert.Equal(HttpStatusCode.OK, (await host.CallAsync(HttpMethod.Get, "/readyz", null)).Status);

        var text = (await other.CallAsync(HttpMethod.Get, "/metrics", null)).Text;

        Assert.Contains("""grid_displays_total{outcome="made"} 0""", text, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(text, "(?m)^grid_ready"));
    }

    [Fact]
    public async Task An_instrument_with_too_many_tags_has_a_bounded_number_of_series()
    {
        await using var other = new GridHost();
        await other.StartAsync();
        using var meter = new Meter(
            new MeterOptions("Grid.Test") { Scope = other.Services.GetRequiredService<IMeterFactory>() }
        );
        var counter = meter.CreateCounter<int>("grid.test.tagged");
        for (var tag = 0; tag < 10 * GridTelemetry.MaxSeries; tag++)
            counter.Add(1, new KeyValuePair<string, object?>("tag", tag));

        var text = (await other.CallAsync(HttpMethod.Get, "/metrics", null)).Text;

        // One more for all series beyond the limit, so that the sum is right.
        Assert.Equal(GridTelemetry.MaxSeries + 1, Regex.Matches(text, "(?m)^grid_test_tagged_total").Count);
        Assert.Matches("(?m)^grid_test_tagged_total\\{otel_metric_overflow=\"true\"\\} 2304$", text);
    }
}
