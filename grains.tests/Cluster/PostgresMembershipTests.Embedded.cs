using Grid.Engine.Cluster;
using Grid.Engine.Wire;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;
using Grid.Tests.Stores;

namespace Grid.Tests.Cluster;

/// <summary>The membership across machines, on a real server.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresMembershipTests(PostgresServer server) : IDisposable
{
    private static readonly MemberId s_anton = new("anton", 1);
    private static readonly MemberId s_berta = new("berta", 7);

    private readonly PostgresHouse? _house = PostgresServer.Binaries is null ? null : new PostgresHouse(server, databases: 1);

    [PostgresFact]
    public async Task Of_changes_to_the_same_view_one_is_made()
    {
        using var store = Made();
        Assert.Null(await store.ReadAsync(default));
        var empty = ClusterView.Empty(4);
        // Nothing can follow a view that there never was.
        Assert.False(await store.TryWriteAsync(empty.With(Silo(s_anton)).Settle() with { Version = 2 }, default));

        var first = Enumerable.Range(0, 8).Select(number => empty.With(Silo(new MemberId($"silo-{number}", 1))).Settle()).ToArray();
        var won = await Task.WhenAll(first.Select(view => store.TryWriteAsync(view, default))).WaitAsync(StoreHouse.Patience);
        Assert.Equal(1, won.Count(static each => each));
        var stands = (await store.ReadAsync(default))!;
        Assert.Equal(first[Array.IndexOf(won, true)].ToBytes(), stands.ToBytes());

        var next = stands.With(Silo(s_berta)).Settle();
        Assert.True(await store.TryWriteAsync(next, default));
        Assert.False(await store.TryWriteAsync(next, default));
        Assert.Equal(next.ToBytes(), (await store.ReadAsync(default))!.ToBytes());
    }

    [PostgresFact]
    public async Task A_beat_is_seen_by_whoever_looks_after_it_until_it_is_forgotten()
    {
        using var store = Made();
        using var other = new PostgresMembership(_house!.Options.Databases[0], TimeSpan.FromSeconds(5));
        Assert.True(await store.TryWriteAsync(ClusterView.Empty(4).With(Silo(s_anton)).Settle(), default));
        await store.BeatAsync(s_anton, 1, 0, default);
        var pulse = await other.BeatAsync(s_berta, 40, 0, default);
        Assert.Equal(1, pulse.Version);
        Assert.Equal([(s_anton, 1L), (s_berta, 40L)], pulse.Beats.Select(static each => (each.Key, each.Value)).OrderBy(static each => each.Key.Name));
        Assert.Empty(pulse.Gone);

        await store.BeatAsync(s_anton, 2, 17, default);
        // One that comes late, as from a server that stood still, does nothing.
        await store.BeatAsync(s_anton, 1, 16, default);
        pulse = await other.ObserveAsync(default);
        Assert.Equal((2, 17), (pulse.Beats[s_anton], pulse.Known[s_anton]));
        await other.ForgetAsync(s_anton, default);
        await other.ForgetAsync(s_anton, default);
        Assert.Equal([s_berta], (await store.ObserveAsync(default)).Beats.Keys);
    }

    [PostgresFact]
    public async Task A_gateway_that_comes_before_the_first_silo_finds_nobody()
    {
        using var store = new PostgresMembership(server.CreateDatabase(), TimeSpan.FromSeconds(5));
        Assert.Null(await store.ReadAsync(default));
        var pulse = await store.ObserveAsync(default);
        Assert.Equal(0, pulse.Version);
        Assert.Empty(pulse.Beats);
        await Assert.ThrowsAsync<MembershipException>(() => store.BeatAsync(s_anton, 1, 0, default));
    }

    [PostgresFact]
    public async Task A_frozen_server_is_told_within_the_time_out_and_found_again_when_it_wakes()
    {
        using var store = Made(timeout: TimeSpan.FromSeconds(1));
        await store.BeatAsync(s_anton, 1, 0, default);
        server.Freeze();
        try
        {
            await Assert.ThrowsAsync<MembershipException>(() => store.BeatAsync(s_anton, 2, 0, default).WaitAsync(StoreHouse.Patience));
        }
        finally
        {
            server.Thaw();
        }

        Assert.Equal(3, (await store.BeatAsync(s_anton, 3, 0, default).WaitAsync(StoreHouse.Patience)).Beats[s_anton]);
    }

    public void Dispose() => _house?.Dispose();

    private static Member Silo(MemberId id) => new(id, new SiloAddress("127.0.0.1", 1_000), 1, 1, MemberState.Active);

    // The store of the states makes the tables.
    private PostgresMembership Made(TimeSpan? timeout = null)
    {
        _house!.Open();
        return new PostgresMembership(_house.Options.Databases[0], timeout ?? TimeSpan.FromSeconds(5));
    }
}
