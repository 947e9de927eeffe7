using Grid.Hosting.Settings;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>The gate and its times, with a fake clock.</summary>
public sealed class GateTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(500);
    private readonly TestClock _clock = new();

    [Fact]
    public void A_gate_is_shut_until_held()
    {
        var gate = new Gate(_clock);
        Assert.False(gate.IsOpen);
        gate.Hold(_clock.GetTimestamp(), Lease);
        Assert.True(gate.IsOpen);
    }

    [Fact]
    public void It_shuts_one_lease_after_the_start_of_the_hold()
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
    public void A_late_answer_neither_opens_nor_shortens_it()
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
    public void HoldOpen_does_not_open_a_shut_gate()
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
    public void A_gate_shut_for_ever_stays_shut()
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
    public void A_successor_starts_after_every_lease_of_its_predecessor_ended(string lease)
    {
        var times = ClusterTimes.Of(
            new GridClusterOptions { Lease = TimeSpan.Parse(lease, System.Globalization.CultureInfo.InvariantCulture) }
        );
        Assert.True(times.Hold > times.Lease);
        // After one failed read, the next read or an answer of another silo arrives before the gate shuts.
        Assert.True(times.ReadPeriod + times.ReadPeriod + times.ReadLimit < times.Lease);
        Assert.True(times.ReadPeriod + times.AskAfter + times.ReadLimit < times.Lease);
    }
}
