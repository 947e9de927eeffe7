namespace Grid.Tests.Simulation;

/// <summary>
/// A simulator that finds nothing may be looking at nothing: each of these worlds leaves out something that the grid relies
/// on, and the simulator has to notice within so many seeds. The product is the same in all of them.
/// </summary>
public sealed class PlantedBugTests
{
    [Fact]
    public void A_store_that_does_not_fence_the_owner_before_a_restart_is_found() =>
        IsFound(SimSetup.Lone with { Disk = new DiskRules(ChecksEpochs: false) }, within: 400, "older than");

    [Fact]
    public void A_store_that_does_not_fence_the_owner_before_a_take_over_is_found() =>
        IsFound(SimSetup.Cluster with { Disk = new DiskRules(ChecksEpochs: false) }, within: 400, "older than");

    [Fact]
    public void A_silo_that_does_not_know_that_its_lease_ran_out_is_found() =>
        IsFound(SimSetup.Cluster with { ClockStopsWhenFrozen = true }, within: 400, "resident");

    [Fact]
    public void A_store_that_answers_before_its_commit_is_found() =>
        IsFound(SimSetup.Lone with { Disk = new DiskRules(CommitsBeforeAnswers: false) }, within: 20, "");

    [Fact]
    public void A_store_that_writes_a_repeated_scan_again_is_found() =>
        IsFound(SimSetup.Cluster with { Disk = new DiskRules(KnowsScanIds: false) }, within: 20, "scan");

    [Fact]
    public void A_silo_that_promises_what_it_does_not_keep_is_found() =>
        IsFound(SimSetup.Cluster with { Plant = PlantedBug.PromisesAreNotKept, Storm = StormKind.LoneOutages }, within: 200, "resident");

    [Fact]
    public void A_silo_that_takes_out_who_does_not_know_of_it_is_found() =>
        IsFound(SimSetup.Cluster with { Plant = PlantedBug.StrangersAreTakenOut, Storm = StormKind.LongOutages }, within: 200, "resident");

    private static void IsFound(SimSetup setup, int within, string fault)
    {
        var campaign = new SimCampaign(setup, failuresMax: 1);
        campaign.Run(1, within);
        var found = campaign.Failures.FirstOrDefault();
        Assert.True(found is not null, $"{within} seeds did not find it.");
        Assert.Contains(found.Faults, each => each.Contains(fault, StringComparison.Ordinal));
        // And what was found is found again.
        Assert.Equal(found.Faults, SimRun.Run(found.Seed, setup).Faults);
    }
}
