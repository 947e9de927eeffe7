using System.Runtime.ExceptionServices;
using Grid.Engine.Cluster;
using Grid.Engine.Wire;
using Grid.Silo.Cluster;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

public sealed class FolderMembershipTests : IDisposable
{
    private static readonly MemberId s_anton = new("anton", 1);
    private static readonly MemberId s_berta = new("berta", 2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_begins_without_a_view()
    {
        using var store = Open();
        Assert.Null(await store.ReadAsync(default));
        Assert.Equal(0, (await store.ObserveAsync(default)).Version);
    }

    [Fact]
    public async Task Of_two_who_change_the_same_view_one_does()
    {
        using var one = Open();
        using var two = Open();
        var first = ClusterView.Empty(4).With(Silo(s_anton)).Settle();
        Assert.True(await one.TryWriteAsync(first, default));
        Assert.False(await two.TryWriteAsync(ClusterView.Empty(4).With(Silo(s_berta)).Settle(), default));

        var read = await two.ReadAsync(default);
        Assert.Equal(first.ToBytes(), read!.ToBytes());
        var writers = Enumerable.Range(0, 16).Select(number =>
            Task.Run(() => (number % 2 == 0 ? one : two).TryWriteAsync(read.With(Silo(new MemberId($"silo-{number}", number))).Settle(), default)));
        Assert.Single(await Task.WhenAll(writers), won => won);
        Assert.Equal(2, (await one.ReadAsync(default))!.Version);
    }

    [Fact]
    public async Task A_view_of_the_past_or_the_future_is_not_taken()
    {
        using var store = Open();
        var view = ClusterView.Empty(2).With(Silo(s_anton)).Settle();
        Assert.False(await store.TryWriteAsync(view with { Version = 2 }, default));
        for (var version = 1; version <= 200; version++)
            Assert.True(await store.TryWriteAsync(view with { Version = version }, default));
        // Its name is free again, for old views are deleted; that makes it no newest view.
        Assert.False(await store.TryWriteAsync(view with { Version = 3 }, default));
        Assert.Equal(200, (await store.ObserveAsync(default)).Version);
        Assert.InRange(Directory.GetFiles(_folder.Path, "view-*").Length, 1, 70);
    }

    [Fact]
    public async Task Beats_are_seen_by_the_others()
    {
        using var one = Open();
        using var two = Open();
        await one.BeatAsync(s_anton, 1, 0, default);
        await one.BeatAsync(s_anton, 300, 17, default);
        var pulse = await two.BeatAsync(s_berta, 7, 0, default);
        Assert.Equal(17, pulse.Known[s_anton]);
        Assert.Equal(300, pulse.Beats[s_anton]);
        Assert.Equal(7, pulse.Beats[s_berta]);
        Assert.Empty(pulse.Gone);
    }

    [Fact]
    public async Task A_silo_whose_process_has_ended_is_known_to_be_dead()
    {
        using var two = Open();
        using (var one = Open())
        {
            await one.BeatAsync(s_anton, 5, 0, default);
            Assert.Empty((await two.ObserveAsync(default)).Gone);
        }

        // What the system does when a process dies, Dispose has done here: its files are closed.
        var pulse = await two.ObserveAsync(default);
        Assert.Equal([s_anton], pulse.Gone);
        Assert.Equal(5, pulse.Beats[s_anton]);

        await two.ForgetAsync(s_anton, default);
        await two.ForgetAsync(s_anton, default);
        pulse = await two.ObserveAsync(default);
        Assert.Empty(pulse.Gone);
        Assert.Empty(pulse.Beats);
    }

    [Fact]
    public async Task To_look_at_a_silo_that_lives_throws_nothing()
    {
        using var one = Open();
        using var two = Open();
        await one.BeatAsync(s_anton, 1, 0, default);
        var (here, thrown) = (Environment.CurrentManagedThreadId, 0);
        void Count(object? sender, FirstChanceExceptionEventArgs e) => thrown += Environment.CurrentManagedThreadId == here ? 1 : 0;
        AppDomain.CurrentDomain.FirstChanceException += Count;
        // The folder answers on the thread that asks.
        var pulse = two.ObserveAsync(default);
        AppDomain.CurrentDomain.FirstChanceException -= Count;
        Assert.Empty((await pulse).Gone);
        Assert.True(thrown == 0 || !OperatingSystem.IsLinux());
    }

    [Fact]
    public async Task What_is_no_view_is_told_as_such()
    {
        using var store = Open();
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "view-1.json"), "?");
        await Assert.ThrowsAsync<MembershipException>(() => store.ReadAsync(default));
    }

    private static Member Silo(MemberId id) => new(id, new SiloAddress("127.0.0.1", 1000), 1, 1, MemberState.Active);

    private FolderMembership Open() => new(_folder.Path);
}
