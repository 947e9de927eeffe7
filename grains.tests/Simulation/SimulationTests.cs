using Xunit.Abstractions;

namespace Grid.Tests.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Plain = 400;
    private const int Full = 4_000;

    [Fact]
    public void A_lone_silo_keeps_its_promises_whatever_fails() => Holds(SimSetup.Lone);

    [Fact]
    public void A_seed_happens_the_same_way_every_time()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var once = SimRun.Run(seed, SimSetup.Lone);
            // Between the two other seeds run, so that what they leave behind would show.
            SimRun.Run(seed + 1_000, SimSetup.Lone);
            var again = SimRun.Run(seed, SimSetup.Lone, isWritten: true);
            Assert.Equal((once.Hash, once.Events, once.Lasted), (again.Hash, again.Events, again.Lasted));
        }
    }

    [Fact]
    public void Two_seeds_happen_differently() =>
        Assert.Equal(20, Enumerable.Range(1, 20).Select(seed => SimRun.Run((ulong)seed, SimSetup.Lone).Hash).Distinct().Count());

    private void Holds(SimSetup setup)
    {
        var campaign = new SimCampaign(setup);
        if (SimCampaign.TheSeed is { } seed)
            campaign.Run(seed, 1);
        else
            campaign.Run(1, SimCampaign.Seeds(Plain, Full));
        var reports = campaign.Reports;
        output.WriteLine(
            $"{reports.Count} seeds, {campaign.Pace:F0} a second; in a seed {reports.Average(static report => report.Events):F0} events in "
            + $"{reports.Average(static report => report.Lasted.TotalSeconds):F1} s of its time, {reports.Average(static report => report.Answered):F0} "
            + $"calls answered and {reports.Average(static report => report.Unanswered):F0} not, {reports.Average(static report => report.Checks):F0} checks");
        var failures = campaign.Failures.ToArray();
        Assert.True(failures.Length == 0, failures.Length == 0 ? "" : Verdict(campaign, failures));
        // A grid that answers nobody breaks no promise.
        Assert.True(reports.Sum(static report => report.Answered) > reports.Sum(static report => report.Unanswered));
        Assert.All(reports, static report => Assert.True(report.Checks > 0));
        Assert.True(reports.Count == 1 || reports.Sum(static report => report.Unanswered) > reports.Count, "Hardly a call failed: the faults were no faults.");
    }

    private static string Verdict(SimCampaign campaign, SimReport[] failures) =>
        $"{failures.Length} of {campaign.Reports.Count} seeds failed: {string.Join(", ", failures.Select(static failure => failure.Seed))}."
        + Environment.NewLine + campaign.Tell(failures[0]);
}
