using Grid.Tests.Fixtures;
using Xunit.Abstractions;

namespace Grid.Tests.Crash;

/// <summary>A cluster of Orleans silos as in production: Redis for its members, PostgreSQL for what it keeps.</summary>
public sealed class SiloKillTests(ITestOutputHelper output)
{
    // The figure is in docs/benchmarks.md; here a busy machine may take longer.
    private static readonly TimeSpan s_recoveryMax = TimeSpan.FromSeconds(20);

    [RedisFact]
    public async Task A_silo_that_is_killed_under_load_loses_nothing_and_its_residents_answer_again()
    {
        using var folder = new TemporaryFolder();
        using var redis = new RedisServer();
        using var postgres = new PostgresServer();
        await using var campaign = new SiloKillCampaign(folder.Path, redis.ConnectionString, postgres.CreateDatabase());

        var end = await campaign.Run();

        output.WriteLine(end.ToString());
        Assert.True(end.Acknowledged > 200, $"Only {end.Acknowledged} commands were answered: the load was no load.");
        Assert.Equal(0, end.Lost);
        Assert.InRange(end.ScanRows, end.ScansAcknowledged, end.ScansSent);
        Assert.True(end.Interrupted > 0, "No resident lived in the silo that was killed.");
        Assert.InRange(end.LastAnsweredAgain, TimeSpan.Zero, s_recoveryMax);
    }
}
