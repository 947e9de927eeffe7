using System.Diagnostics;
using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;
using Grid.Tests.Fixtures;
using SQLitePCL;

namespace Grid.Tests.Stores;

public sealed class SqliteFaultTests : IDisposable
{
    private readonly SqliteHouse _house = new();

    public SqliteFaultTests() => _house.Options.Sqlite.Files = 1;

    [Fact]
    public async Task A_full_disk_fails_the_whole_group()
    {
        _house.Open();
        LimitTo(maxPages: 60);
        var kept = new List<GrainId>();
        StoreException? failure = null;
        for (var number = 0; number < 1_000 && failure is null; number++)
        {
            var grain = StoreHouse.Fresh();
            var state = new GrainState<Note>(new Note { Text = "before", Weight = new byte[1_500] });
            try
            {
                await _house.Write(grain, state);
                kept.Add(grain);
            }
            catch (StoreException exception)
            {
                failure = exception;
                Assert.Null(state.ETag);
                Assert.False(state.RecordExists);
                Assert.Null((await _house.Read(grain)).ETag);
            }
        }

        Assert.Equal(StoreErrorCodes.Full, failure?.Code);
        // 50 concurrent writes form one group, of which only the first would fit.
        var group = Enumerable.Range(0, 50).Select(_ => StoreHouse.Fresh()).ToArray();
        var writes = group
            .Select(grain => _house.Write(grain, new GrainState<Note>(new Note { Weight = new byte[1_500] })))
            .ToArray();
        foreach (var write in writes)
            Assert.Equal(StoreErrorCodes.Full, (await Assert.ThrowsAsync<StoreException>(() => write)).Code);
        foreach (var grain in group)
            Assert.Null((await _house.Read(grain)).ETag);

        // With free space the former records are intact and writes succeed.
        _house.Open();
        foreach (var grain in kept)
            Assert.Equal("before", (await _house.Read(grain)).State!.Text);
        await _house.Write(group[0], StoreHouse.New("after"));
    }

    [Fact]
    public async Task A_stalled_store_answers_in_time_and_resumes()
    {
        _house.Options.WriteTimeout = TimeSpan.FromMilliseconds(200);
        _house.Options.Sqlite.BusyTimeout = TimeSpan.FromSeconds(15);
        _house.Open();
        var (stuck, waiting, refused) = (StoreHouse.Fresh(), StoreHouse.Fresh(), StoreHouse.Fresh());
        var stuckState = StoreHouse.New("stuck");
        using (var other = new SqliteDatabase(_house.FilePath(), readOnly: false, TimeSpan.Zero))
        {
            other.Execute("BEGIN IMMEDIATE");
            var clock = Stopwatch.StartNew();
            var first = _house.Write(stuck, stuckState);
            await Unavailable(() => first);
            await Unavailable(() => _house.Write(waiting, StoreHouse.New("waiting")));
            Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(150), TimeSpan.FromSeconds(10));
            // Once the store is known to stall, writes fail without waiting.
            var atOnce = _house.States.WriteStateAsync("note", refused, StoreHouse.New("refused"));
            Assert.True(atOnce.IsFaulted);
            // Reads still work.
            Assert.Null((await _house.Read(stuck)).ETag);
            other.Execute("ROLLBACK");
        }

        // The group in flight had an unknown outcome: it is written, and its caller is not told twice.
        await Waiting.UntilAsync(async () => (await _house.Read(stuck)).ETag == "1", "the group in flight is written");
        Assert.Null(stuckState.ETag);
        await Waiting.UntilAsync(
            async () =>
            {
                try
                {
                    await _house.Write(refused, StoreHouse.New("later"));
                    return true;
                }
                catch (StoreException)
                {
                    return false;
                }
            },
            "writes are taken again"
        );
        Assert.Null((await _house.Read(waiting)).ETag);
    }

    [Fact]
    public async Task A_file_locked_longer_than_the_busy_time_fails_the_whole_group()
    {
        _house.Options.Sqlite.BusyTimeout = TimeSpan.FromMilliseconds(50);
        _house.Open();
        var grain = StoreHouse.Fresh();
        using (var other = new SqliteDatabase(_house.FilePath(), readOnly: false, TimeSpan.Zero))
        {
            other.Execute("BEGIN IMMEDIATE");
            await Unavailable(() => _house.Write(grain, StoreHouse.New("locked out")));
            other.Execute("ROLLBACK");
        }

        Assert.Null((await _house.Read(grain)).ETag);
        await _house.Write(grain, StoreHouse.New("free"));
    }

    [Fact]
    public async Task A_file_error_fails_the_whole_group_and_the_next_group_is_written()
    {
        _house.Open();
        var (first, last, next) = (StoreHouse.Fresh(), StoreHouse.Fresh(), StoreHouse.Fresh());
        var noMemory = new NoMemory();
        using (var other = new SqliteDatabase(_house.FilePath(), readOnly: false, TimeSpan.Zero))
        {
            // The first group waits for the file. The three writes queued behind it form the next group.
            other.Execute("BEGIN IMMEDIATE");
            _house.Store.Files[0].Enqueue(new Limit(1_000_000));
            await Waiting.UntilAsync(() => _house.Store.Files[0].QueuedRows == 0, "the first group has started");
            var writes = new List<Task> { _house.Write(first, StoreHouse.New("first")) };
            _house.Store.Files[0].Enqueue(noMemory);
            writes.Add(_house.Write(last, StoreHouse.New("last")));
            other.Execute("ROLLBACK");
            foreach (var write in writes)
                await Unavailable(() => write);
        }

        await Unavailable(() => noMemory.Done.WaitAsync(StoreHouse.Patience));
        await _house.Write(next, StoreHouse.New("next"));
        Assert.Null((await _house.Read(first)).ETag);
        Assert.Null((await _house.Read(last)).ETag);
        Assert.Equal("next", (await _house.Read(next)).State!.Text);
    }

    [Fact]
    public async Task An_untrusted_log_is_reopened()
    {
        _house.Open();
        var (before, after) = (StoreHouse.Fresh(), StoreHouse.Fresh());
        await _house.Write(before, StoreHouse.New("before"));
        // A device error within a group.
        var broken = new Broken();
        _house.Store.Files[0].Enqueue(broken);
        await Unavailable(() => broken.Done.WaitAsync(StoreHouse.Patience));
        await _house.Write(after, StoreHouse.New("after"));
        Assert.Equal("before", (await _house.Read(before)).State!.Text);
        Assert.Equal("after", (await _house.Read(after)).State!.Text);
    }

    public void Dispose() => _house.Dispose();

    private static async Task Unavailable(Func<Task> write) =>
        Assert.Equal(StoreErrorCodes.Unavailable, (await Assert.ThrowsAsync<StoreException>(write)).Code);

    // SQLite's page limit simulates a full disk.
    private void LimitTo(int maxPages)
    {
        var limit = new Limit(maxPages);
        _house.Store.Files[0].Enqueue(limit);
        Assert.True(limit.Done.Wait(StoreHouse.Patience), "the limit was not set in time");
    }

    private class Probe(Action<SqliteWriter> apply) : WriteWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Done => _done.Task;

        internal override void Apply(IGroupWriter writer) => apply((SqliteWriter)writer);

        protected override void Succeed() => _done.SetResult();

        protected override void Fail(StoreException failure) => _done.SetException(failure);
    }

    private sealed class Limit(int maxPages) : Probe(writer => writer.Execute($"PRAGMA max_page_count = {maxPages}"));

    private sealed class NoMemory() : Probe(static _ => throw new SqliteException(raw.SQLITE_NOMEM, "no memory"));

    private sealed class Broken()
        : Probe(static _ => throw new SqliteException(raw.SQLITE_IOERR, "the device does not answer"));
}
