using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Tests.Stores;

public sealed class SqlitePoisonTests : IDisposable
{
    private readonly SqliteHouse _house = new();

    [Fact]
    public async Task An_unwritable_record_fails_alone()
    {
        _house.UseOneWriter();
        _house.Open();
        var file = _house.Store.Files[0];
        var (before, after) = (StoreHouse.Fresh(), StoreHouse.Fresh());
        var poison = new Poison();
        using (var stop = _house.Stop())
        {
            var writes = new List<Task> { _house.Write(before, StoreHouse.New("before")) };
            file.Enqueue(poison);
            writes.Add(_house.Write(after, StoreHouse.New("after")));
            await stop.While(writes);
        }

        var exception = await Assert.ThrowsAsync<StoreException>(() => poison.Done.WaitAsync(StoreHouse.Patience));
        Assert.Equal(StoreErrorCodes.Invalid, exception.Code);
        Assert.Equal("before", (await _house.Read(before)).State!.Text);
        Assert.Equal("after", (await _house.Read(after)).State!.Text);
        Assert.Equal(0, Rows("poison"));
    }

    [Fact]
    public async Task A_refused_record_is_never_answered_as_written()
    {
        // The answers of a group are given concurrently: the group's success may reach the refused record.
        var poison = new Poison();
        poison.Refuse(new StoreException(StoreErrorCodes.Invalid, "refused"));
        poison.Answer(null);
        var exception = await Assert.ThrowsAsync<StoreException>(() => poison.Done.WaitAsync(StoreHouse.Patience));
        Assert.Equal(StoreErrorCodes.Invalid, exception.Code);
    }

    public void Dispose() => _house.Dispose();

    private long Rows(string table)
    {
        using var database = new SqliteDatabase(_house.FilePath(), readOnly: true, TimeSpan.Zero);
        return database.Scalar($"SELECT count(*) FROM sqlite_master WHERE name = '{table}'");
    }

    /// <summary>Writes a table, then fails.</summary>
    private sealed class Poison : WriteWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Done => _done.Task;

        internal override void Apply(IGroupWriter writer)
        {
            ((SqliteWriter)writer).States("poison", hasPending: false);
            throw new FormatException("poison");
        }

        protected override void Succeed() => _done.SetResult();

        protected override void Fail(StoreException failure) => _done.SetException(failure);
    }
}
