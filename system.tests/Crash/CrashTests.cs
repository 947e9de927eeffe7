namespace Grid.Tests.Crash;

public sealed class CrashTests
{
    /// <summary>Rounds of an ordinary test run; the full campaign (<c>GRID_CAMPAIGN=full</c>) runs 50.</summary>
    private static int Rounds => Environment.GetEnvironmentVariable("GRID_CAMPAIGN") == "full" ? 50 : 5;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed_at_random_moments()
    {
        using var folder = new Fixtures.TemporaryFolder();
        var campaign = new CrashCampaign(folder.Path, seed: 20211220);

        await campaign.RunAsync(Rounds);

        Assert.True(
            campaign.Acknowledged > Rounds * 10,
            $"Only {campaign.Acknowledged} commands were answered: too little load."
        );
    }
}
