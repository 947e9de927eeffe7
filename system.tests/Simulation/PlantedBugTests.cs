using Grid.Tests.Fixtures;

namespace Grid.Tests.Simulation;

/// <summary>
/// Checks the simulator itself: each of these worlds lacks something that the grid relies on, and the simulator must
/// find the bug within a number of seeds. The product is the same in all of them.
/// </summary>
public sealed class PlantedBugTests
{
    [Fact]
    public void A_store_that_answers_before_its_commit_is_found() =>
        IsFound(SimSetup.Lone with { Disk = new DiskRules(CommitsBeforeAnswers: false) }, within: 20, "");

    [Fact]
    public void A_store_that_writes_a_repeated_scan_again_is_found() =>
        IsFound(SimSetup.Cluster with { Disk = new DiskRules(KnowsScanIds: false) }, within: 20, "scan");

    // The old silo's commit has to arrive within the millisecond after its successor's: one seed in five thousand.
    [Fact]
    public void A_store_without_versions_is_found() =>
        IsFound(
            SimSetup.Cluster with
            {
                Silos = 2,
                Disk = new DiskRules(ChecksVersions: false),
                Storm = StormKind.Separations,
            },
            within: 200,
            "",
            from: 5_500
        );

    [Fact]
    public void A_store_without_versions_under_second_activations_is_found() =>
        IsFound(SimSetup.Duplicated with { Disk = new DiskRules(ChecksVersions: false) }, within: 100, "");

    [Fact]
    public void A_silo_without_a_gate_is_found() =>
        IsFound(SimSetup.Cluster with { Plant = PlantedBug.NoGate }, within: 200, "resident");

    [Fact]
    public void A_silo_that_answers_after_it_was_found_dead_is_found() =>
        IsFound(SimSetup.Cluster with { Plant = PlantedBug.SlowFatalHandler }, within: 200, "resident");

    // The bug needs a commit in flight when the gate shuts, after the successor's read, and the caller at the old silo:
    // one seed in four thousand.
    [Fact]
    public void A_gate_that_is_asked_only_before_a_change_is_found() =>
        IsFound(
            SimSetup.Cluster with
            {
                Silos = 2,
                Plant = PlantedBug.NoSecondCheck,
                Storm = StormKind.Separations,
            },
            within: 200,
            "resident",
            from: 3_700
        );

    [Fact]
    public void A_directory_that_does_not_hold_a_dead_silos_grains_is_found() =>
        IsFound(SimSetup.Cluster with { Hold = TimeSpan.Zero, Storm = StormKind.Separations }, within: 400, "resident");

    [CampaignFact]
    public void A_silo_that_does_not_know_that_it_was_frozen_is_found() =>
        IsFound(SimSetup.Cluster with { Silos = 2, ClockStopsWhenFrozen = true }, within: 2_000, "resident");

    private static void IsFound(SimSetup setup, int within, string failure, ulong from = 1)
    {
        var campaign = new SimCampaign(setup, maxFailures: 1);
        campaign.Run(from, within);
        var found = campaign.Failures.FirstOrDefault();
        Assert.True(found is not null, $"{within} seeds did not find it.");
        Assert.Contains(found.Faults, each => each.Contains(failure, StringComparison.Ordinal));
        // The same seed finds the same bug again.
        Assert.Equal(found.Faults, SimRun.Run(found.Seed, setup).Faults);
    }
}
