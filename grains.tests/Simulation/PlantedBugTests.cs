namespace Grid.Tests.Simulation;

/// <summary>
/// A simulator that finds nothing may be looking at nothing: each of these worlds leaves out something that the grid relies
/// on, and the simulator has to notice within so many seeds.
/// </summary>
public sealed class PlantedBugTests
{
    [Fact]
    public void A_store_that_does_not_fence_old_owners_is_found() =>
        IsFound(new DiskRules(ChecksEpochs: false), within: 400, "older than");

    [Fact]
    public void A_store_that_answers_before_its_commit_is_found() =>
        IsFound(new DiskRules(CommitsBeforeAnswers: false), within: 20, "");

    [Fact]
    public void A_store_that_writes_a_repeated_scan_again_is_found() =>
        IsFound(new DiskRules(KnowsScanIds: false), within: 20, "recorded 2 times");

    private static void IsFound(DiskRules rules, int within, string fault)
    {
        var campaign = new SimCampaign(SimSetup.Lone with { Disk = rules });
        campaign.Run(1, within);
        var failures = campaign.Failures.ToArray();
        Assert.True(failures.Length > 0, $"{within} seeds did not find it.");
        Assert.Contains(failures, failure => failure.Faults.Any(each => each.Contains(fault, StringComparison.Ordinal)));
        // And what was found is found again.
        Assert.Equal(failures[0].Faults, SimRun.Run(failures[0].Seed, SimSetup.Lone with { Disk = rules }).Faults);
    }
}
