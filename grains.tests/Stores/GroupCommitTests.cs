using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Tests.Stores;

public sealed class GroupCommitTests : IDisposable
{
    private readonly StoreHouse _house = new();

    [Fact]
    public async Task Many_writes_share_few_commits()
    {
        _house.Options.Files = 1;
        _house.Open();
        await Task.WhenAll(Enumerable.Range(0, 4_000).Select(number =>
            _house.Write(StoreHouse.Fresh(), StoreHouse.New($"{number}"))));
        Assert.Equal(4_000, _house.RowsCommitted);
        Assert.InRange(_house.Commits, 1, 2_000);
    }

    [Fact]
    public async Task A_group_is_never_larger_than_the_setting()
    {
        _house.Options.Files = 1;
        _house.Options.GroupRowsMax = 10;
        _house.Open();
        using (var stop = new Stop(_house))
            await stop.While(Enumerable.Range(0, 200).Select(number => _house.Write(StoreHouse.Fresh(), StoreHouse.New($"{number}"))));
        Assert.InRange(_house.Commits, 20, 200);
    }

    [Fact]
    public async Task A_conflict_in_a_group_fails_its_own_caller_only()
    {
        _house.Options.Files = 1;
        _house.Open();
        var grain = StoreHouse.Fresh();
        await _house.Write(grain, StoreHouse.New("first"));
        var others = Enumerable.Range(0, 50).Select(_ => StoreHouse.Fresh()).ToArray();

        Task conflict = Task.CompletedTask;
        using (var stop = new Stop(_house))
        {
            await stop.While(others.Take(25).Select(other => _house.Write(other, StoreHouse.New("fine")))
                .Append(conflict = Assert.ThrowsAsync<InconsistentStateException>(() => _house.Write(grain, StoreHouse.New("conflict"))))
                .Concat(others.Skip(25).Select(other => _house.Write(other, StoreHouse.New("fine")))));
        }

        Assert.True(conflict.IsCompletedSuccessfully);
        foreach (var other in others)
            Assert.Equal("fine", (await _house.Read(other)).State!.Text);
        Assert.Equal("first", (await _house.Read(grain)).State!.Text);
        Assert.InRange(_house.Commits, 2, 4);
    }

    [Fact]
    public async Task Two_writes_of_one_grain_in_one_group_follow_each_other()
    {
        _house.Options.Files = 1;
        _house.Open();
        var grain = StoreHouse.Fresh();
        var (first, second) = (StoreHouse.New("first"), StoreHouse.New("second"));
        using (var stop = new Stop(_house))
        {
            var conflict = Assert.ThrowsAsync<InconsistentStateException>(async () =>
            {
                var winner = _house.Write(grain, first);
                await _house.Write(grain, second);
                await winner;
            });
            await stop.While([conflict]);
        }

        Assert.Equal("first", (await _house.Read(grain)).State!.Text);
        Assert.Null(second.ETag);
    }

    [Fact]
    public async Task A_record_that_can_not_be_written_fails_alone()
    {
        _house.Options.Files = 1;
        _house.Open();
        var file = _house.Store.File(0);
        var (before, after) = (StoreHouse.Fresh(), StoreHouse.Fresh());
        var poison = new Poison();
        using (var stop = new Stop(_house))
        {
            var writes = new List<Task> { _house.Write(before, StoreHouse.New("before")) };
            file.Enqueue(poison);
            writes.Add(_house.Write(after, StoreHouse.New("after")));
            await stop.While(writes);
        }

        var fault = await Assert.ThrowsAsync<StoreException>(() => poison.Done.WaitAsync(StoreHouse.Patience));
        Assert.Equal(StoreFaults.Invalid, fault.Code);
        Assert.Equal("before", (await _house.Read(before)).State!.Text);
        Assert.Equal("after", (await _house.Read(after)).State!.Text);
        Assert.Equal(0, Rows("poison"));
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_what_waits_is_written()
    {
        _house.Options.Files = 1;
        _house.Options.QueueRowsMax = 8;
        _house.Open();
        var writes = new List<Task>();
        var refused = 0;
        using (var stop = new Stop(_house))
        {
            for (var number = 0; number < 64; number++)
            {
                var write = _house.States.WriteStateAsync("note", StoreHouse.Fresh(), StoreHouse.New($"{number}"));
                if (write.IsFaulted)
                {
                    refused++;
                    Assert.Equal(StoreFaults.Overloaded, Assert.IsType<StoreException>(write.Exception!.InnerException).Code);
                }
                else
                {
                    writes.Add(write);
                }
            }

            await stop.While(writes);
        }

        Assert.InRange(refused, 1, 56);
        Assert.Equal(writes.Count, _house.RowsCommitted);
    }

    [Fact]
    public async Task What_waits_when_the_store_is_closed_is_written_first()
    {
        _house.Open();
        var grains = Enumerable.Range(0, 500).Select(_ => StoreHouse.Fresh()).ToArray();
        var writes = grains.Select(grain => _house.Write(grain, StoreHouse.New("closing"))).ToArray();
        _house.Close();
        await Task.WhenAll(writes).WaitAsync(StoreHouse.Patience);
        _house.Open();
        foreach (var grain in grains)
            Assert.Equal("closing", (await _house.Read(grain)).State!.Text);
    }

    public void Dispose() => _house.Dispose();

    private long Rows(string table)
    {
        using var database = new SqliteDatabase(_house.FilePath(), readOnly: true, TimeSpan.Zero);
        return database.Scalar($"SELECT count(*) FROM sqlite_master WHERE name = '{table}'");
    }

    /// <summary>Holds the file's write lock, so that what is queued meanwhile makes one group.</summary>
    private sealed class Stop : IDisposable
    {
        private readonly SqliteDatabase _database;

        internal Stop(StoreHouse house)
        {
            _database = new SqliteDatabase(house.FilePath(), readOnly: false, TimeSpan.FromSeconds(5));
            _database.Execute("BEGIN IMMEDIATE");
        }

        internal async Task While(IEnumerable<Task> started)
        {
            var all = started.ToArray();
            _database.Execute("ROLLBACK");
            await Task.WhenAll(all).WaitAsync(StoreHouse.Patience);
        }

        public void Dispose() => _database.Dispose();
    }

    /// <summary>Writes something and then can't go on.</summary>
    private sealed class Poison : WriteWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Done => _done.Task;

        internal override void Apply(IGroupWriter writer)
        {
            ((FileWriter)writer).States("poison", hasPending: false);
            throw new FormatException("poison");
        }

        protected override void Succeed() => _done.SetResult();

        protected override void Fail(StoreException fault) => _done.SetException(fault);
    }
}
