using Grid.Hosting.Settings;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>
/// When a member may answer for its grains: on the real membership table in a real Redis, with the test's clock.
/// </summary>
public sealed class GateKeeperTests : IAsyncLifetime
{
    private static readonly ClusterTimes Times = ClusterTimes.Of(
        new GridClusterOptions { HotDisplaysWithoutRedis = TimeSpan.FromMinutes(10) }
    );
    private readonly TestClock _clock = new();
    private RedisServer? _redis;
    private MemberTable _one = null!;
    private MemberTable _two = null!;

    public async Task InitializeAsync()
    {
        if (RedisServer.Program is null)
            return;
        _redis = new RedisServer();
        _one = await MemberTable.JoinAsync(_redis, _clock, Times);
        _two = await MemberTable.JoinAsync(_redis, _clock, Times);
        _one.Meet(_two);
        await _one.Leased.ReadAllAsync(default);
        await _two.Leased.ReadAllAsync(default);
    }

    public async Task DisposeAsync()
    {
        if (_redis is null)
            return;
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        _redis.Dispose();
    }

    [RedisFact]
    public async Task A_read_opens_the_gate_for_a_lease()
    {
        Assert.True(_one.Gate.IsOpen);
        _clock.Advance(Times.Lease);
        Assert.False(_one.Gate.IsOpen);
        await _one.Keeper.TurnAsync();
        Assert.True(_one.Gate.IsOpen);
    }

    [RedisFact]
    public async Task A_member_that_finds_itself_dead_never_answers_again()
    {
        Assert.True(await _two.KillAsync(_one));
        Assert.True(_one.Gate.IsOpen);
        await _one.Leased.ReadAllAsync(default);
        Assert.False(_one.Gate.IsOpen);
        Assert.True(_one.Gate.IsShutForEver);
    }

    [RedisFact]
    public async Task A_member_whose_row_was_removed_never_answers_again()
    {
        Assert.True(await _two.KillAsync(_one));
        await _two.Raw.CleanupDefunctSiloEntriesAsync(DateTimeOffset.UnixEpoch.AddDays(1), default);
        await _one.Leased.ReadAllAsync(default);
        Assert.True(_one.Gate.IsShutForEver);
    }

    [RedisFact]
    public async Task A_member_that_has_left_answers_no_more()
    {
        var table = await _one.Leased.ReadAllAsync(default);
        await _one.Leased.UpdateRowAsync(
            _one.Entry(SiloStatus.Dead),
            table.TryGet(_one.Self)!.Item2,
            table.Version.Next(),
            default
        );
        Assert.False(_one.Gate.IsOpen);
    }

    [RedisFact]
    public async Task Without_Redis_the_gate_stays_open_while_the_other_member_vouches_up_to_the_limit()
    {
        _redis!.Kill();
        for (var waited = TimeSpan.Zero; waited < Times.WithoutRedis; waited += Times.Lease / 2)
        {
            await AskAsync(_one);
            Assert.True(_one.Gate.IsOpen, $"After {waited}.");
            _clock.Advance(Times.Lease / 2);
            // Each poll takes the Redis client 0.3 s: skip most of the ten minutes.
            if (waited == Times.Lease)
            {
                var most = Times.WithoutRedis - (Times.Lease * 3);
                _clock.Advance(most);
                waited += most;
            }
        }

        _clock.Advance(Times.Lease);
        await AskAsync(_one);
        Assert.False(_one.Gate.IsOpen);
    }

    [RedisFact]
    public async Task A_member_that_others_can_read_in_the_table_answers_though_it_can_not_read_it_itself()
    {
        _clock.Advance(Times.WithoutRedis);
        Assert.False(_one.Gate.IsOpen);
        await _one.Keeper.AskAllAsync();
        Assert.True(_one.Gate.IsOpen);
    }

    [RedisFact]
    public async Task A_member_does_not_vouch_for_one_that_it_declared_dead()
    {
        Assert.True(await _two.KillAsync(_one));
        _redis!.Kill();
        Assert.Equal(Attestation.Refused, await _two.Attestor.AnswerAsync(_one.Self));
        _clock.Advance(Times.Lease);
        await AskAsync(_one);
        Assert.False(_one.Gate.IsOpen);
    }

    [RedisFact]
    public async Task A_member_does_not_vouch_for_one_that_it_saw_dead_before_the_table_was_lost()
    {
        await using var killer = await MemberTable.JoinAsync(_redis!, _clock, Times);
        Assert.True(await killer.KillAsync(_one));
        await _two.Leased.ReadAllAsync(default);
        _redis!.Kill();
        Assert.Equal(Attestation.Refused, await _two.Attestor.AnswerAsync(_one.Self));
        _clock.Advance(Times.Lease);
        await AskAsync(_one);
        Assert.False(_one.Gate.IsOpen);
    }

    [RedisFact]
    public async Task A_kill_that_lost_a_write_conflict_does_not_count_and_one_without_an_answer_may_count()
    {
        var table = await _two.Raw.ReadAllAsync(default);
        Assert.False(
            await _two.Leased.UpdateRowAsync(
                _one.Entry(SiloStatus.Dead),
                table.Version.VersionEtag,
                table.Version,
                default
            )
        );
        Assert.Equal(Attestation.Alive, await _two.Attestor.AnswerAsync(_one.Self));

        _redis!.Kill();
        await Assert.ThrowsAnyAsync<Exception>(() =>
            _two.Leased.UpdateRowAsync(
                _one.Entry(SiloStatus.Dead),
                table.Version.VersionEtag,
                table.Version.Next(),
                default
            )
        );
        Assert.Equal(Attestation.Refused, await _two.Attestor.AnswerAsync(_one.Self));
    }

    [RedisFact]
    public async Task A_member_that_does_not_answer_lets_the_gate_shut()
    {
        _redis!.Kill();
        _one.Hears(_two, Attestation.Silent);
        await AskAsync(_one);
        _clock.Advance(Times.Lease);
        Assert.False(_one.Gate.IsOpen);
    }

    [RedisFact]
    public async Task A_member_whose_process_is_gone_keeps_the_gate_open_beside_one_that_answers_and_does_not_open_it()
    {
        _redis!.Kill();
        _one.Hears(_two, Attestation.Gone);
        _one.Hears(MemberTable.Third, Attestation.TableAway);
        _clock.Advance(Times.Lease * 0.9);
        await AskAsync(_one);
        _clock.Advance(Times.Lease * 0.9);
        Assert.True(_one.Gate.IsOpen);
        _clock.Advance(Times.Lease);
        await AskAsync(_one);
        Assert.False(_one.Gate.IsOpen);
    }

    // A dead member may have declared this silo dead, and nobody is left to report it.
    [RedisFact]
    public async Task A_gate_shuts_when_no_other_member_is_left_to_ask()
    {
        _redis!.Kill();
        _one.Hears(_two, Attestation.Gone);
        await AskAsync(_one);
        _clock.Advance(Times.Lease);
        Assert.False(_one.Gate.IsOpen);
    }

    [RedisFact]
    public async Task A_table_that_lost_its_rows_proves_nothing()
    {
        // A server returns empty, and a member creates a new table on it.
        await _one.Raw.DeleteMembershipTableEntriesAsync("gate", default);
        await _two.Raw.InitializeMembershipTableAsync(true, default);
        var table = await _one.Leased.ReadAllAsync(default);
        Assert.Empty(table.Members);
        Assert.True(_one.Gate.IsOpen);
        Assert.Equal(TableStanding.Lost, _one.Leased.StandingIn(table, _one.Self));
        _clock.Advance(Times.Lease);
        await _one.Leased.ReadAllAsync(default);
        Assert.False(_one.Gate.IsOpen);
        // No member was declared dead: the others vouch as during the outage.
        await _one.Keeper.AskAllAsync();
        Assert.True(_one.Gate.IsOpen);
    }

    // The Redis client's own timeout ends the reads; the gate's clock stands still meanwhile.
    private static Task AskAsync(MemberTable member) => member.Keeper.AskAllAsync();
}
