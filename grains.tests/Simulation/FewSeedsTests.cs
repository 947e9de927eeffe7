namespace Grid.Tests.Simulation;

/// <summary>
/// Runs a few seeds of each world, to detect a broken rule within seconds. <c>system.tests/Simulation</c> runs the
/// campaigns.
/// </summary>
public sealed class FewSeedsTests
{
    private const int Seeds = 5;

    public static TheoryData<string> Worlds => ["lone", "cluster", "cluster of two", "separations", "duplicates"];

    [Theory, MemberData(nameof(Worlds))]
    public void A_few_seeds_break_no_rule(string world)
    {
        var campaign = new SimCampaign(SetupOf(world));
        campaign.Run(1, Seeds);

        var failure = campaign.Failures.FirstOrDefault();
        Assert.True(failure is null, failure is null ? "" : campaign.Tell(failure));
        Assert.Equal(Seeds, campaign.Reports.Count);
        Assert.All(campaign.Reports, static report => Assert.True(report.Checks > 0));
    }

    [Fact]
    public void A_store_that_answers_before_its_commit_is_found()
    {
        var setup = SimSetup.Lone with { Disk = new DiskRules(CommitsBeforeAnswers: false) };
        var campaign = new SimCampaign(setup, maxFailures: 1);
        campaign.Run(1, 20);
        Assert.NotEmpty(campaign.Failures);
    }

    private static SimSetup SetupOf(string world) =>
        world switch
        {
            "lone" => SimSetup.Lone,
            "cluster" => SimSetup.Cluster,
            "cluster of two" => SimSetup.Cluster with { Silos = 2 },
            "separations" => SimSetup.Cluster with { Storm = StormKind.Separations },
            "duplicates" => SimSetup.Duplicated,
            _ => throw new ArgumentOutOfRangeException(nameof(world), world, null),
        };
}
