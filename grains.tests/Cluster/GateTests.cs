using Grid.Hosting.Settings;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>The gate and its times, by a clock that the test moves.</summary>
public sealed class GateTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(500);
    private readonly TestClock _clock = new();

    [Fact]
    public void A_gate_is_shut_until_it_is_held()
    {
        var gate = new Gate(_clock);
        Assert.False(gate.IsOpen);
        gate.Hold(_clock.GetTimestamp(), Lease);
        Assert.True(gate.IsOpen);
    }

    [Fact]
    public void It_shuts_a_lease_after_the_moment_that_it_was_held_from()
    {
        var gate = new Gate(_clock);
        var from = _clock.GetTimestamp();
        _clock.Advance(Lease / 2);
        gate.Hold(from, Lease);
        _clock.Advance((Lease / 2) - TimeSpan.FromMilliseconds(1));
        Assert.True(gate.IsOpen);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(gate.IsOpen);
    }

    [Fact]
    public void An_answer_that_comes_late_neither_opens_nor_shortens_it()
    {
        var gate = new Gate(_clock);
        var early = _clock.GetTimestamp();
        _clock.Advance(Lease);
        gate.Hold(early, Lease);
        Assert.False(gate.IsOpen);
        gate.Hold(_clock.GetTimestamp(), Lease);
        gate.Hold(early, Lease);
        Assert.True(gate.IsOpen);
    }

    [Fact]
    public void What_only_keeps_it_open_does_not_open_it()
    {
        var gate = new Gate(_clock);
        gate.Hold(_clock.GetTimestamp(), Lease);
        _clock.Advance(Lease / 2);
        gate.HoldOpen(_clock.GetTimestamp(), Lease);
        _clock.Advance(Lease * 0.9);
        Assert.True(gate.IsOpen);
        _clock.Advance(Lease);
        gate.HoldOpen(_clock.GetTimestamp(), Lease);
        Assert.False(gate.IsOpen);
    }

    [Fact]
    public void Shut_for_ever_it_stays_shut()
    {
        var gate = new Gate(_clock);
        gate.Hold(_clock.GetTimestamp(), Lease);
        gate.ShutForEver();
        gate.Hold(_clock.GetTimestamp(), Lease);
        Assert.False(gate.IsOpen);
    }

    [Theory]
    [InlineData("00:00:00.300")]
    [InlineData("00:00:00.500")]
    [InlineData("00:00:05")]
    public void A_successor_begins_after_every_lease_that_a_read_before_the_death_could_give(string lease)
    {
        var times = ClusterTimes.Of(
            new GridClusterOptions { Lease = TimeSpan.Parse(lease, System.Globalization.CultureInfo.InvariantCulture) }
        );
        Assert.True(times.Hold > times.Lease);
        // One read may fail and the next still comes before the gate shuts, and so does the answer to a question.
        Assert.True(times.ReadPeriod + times.ReadPeriod + times.ReadLimit < times.Lease);
        Assert.True(times.ReadPeriod + times.AskAfter + times.ReadLimit < times.Lease);
    }
}
