using System.Diagnostics;

namespace Grid.Tests.Telemetry;

/// <summary>What the embedded engine can say beside: Orleans tells nobody how long a message waited.</summary>
public sealed partial class TraceTests
{
    [Fact]
    public async Task The_wait_for_a_turn_is_a_span_of_its_call()
    {
        var resident = await grid.Host.RegisterAsync();
        using var spans = new SpanCatch();
        var trace = ActivityTraceId.CreateRandom();
        await grid.Host.SendAsync(HttpMethod.Get, "/v1/me/code", resident.Token, null, ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));

        var all = await spans.OfAsync(trace, count: 4);
        var (wait, turn) = (One(all, "turn wait"), One(all, "turn"));
        Assert.Equal(One(all, "IResidentGrain.Show").SpanId, wait.ParentSpanId);
        Assert.Equal((wait.ParentSpanId, wait.Source.Name), (turn.ParentSpanId, turn.Source.Name));
    }
}
