using Grid.Tests.Fixtures;

namespace Grid.Tests.Stores;

public abstract class GroupCommitTests : IDisposable
{
    private readonly StoreHouse _house;

    private protected GroupCommitTests(StoreHouse house) => _house = house;

    [StoreFact]
    public async Task Many_writes_share_few_commits()
    {
        _house.UseOneWriter();
        _house.Open();
        await Task.WhenAll(
            Enumerable.Range(0, 4_000).Select(number => _house.Write(StoreHouse.Fresh(), StoreHouse.New($"{number}")))
        );
        Assert.Equal(4_000, _house.RowsCommitted);
        Assert.InRange(_house.Commits, 1, 2_000);
    }

    [StoreFact]
    public async Task A_group_is_never_larger_than_the_setting()
    {
        _house.UseOneWriter(maxGroupRows: 10);
        _house.Open();
        using (var stop = _house.Stop())
            await stop.While(
                Enumerable.Range(0, 200).Select(number => _house.Write(StoreHouse.Fresh(), StoreHouse.New($"{number}")))
            );
        Assert.InRange(_house.Commits, 20, 200);
    }

    [StoreFact]
    public async Task A_conflict_in_a_group_fails_only_its_caller()
    {
        _house.UseOneWriter();
        _house.Open();
        var grain = StoreHouse.Fresh();
        await _house.Write(grain, StoreHouse.New("first"));
        var others = Enumerable.Range(0, 50).Select(_ => StoreHouse.Fresh()).ToArray();

        Task conflict = Task.CompletedTask;
        using (var stop = _house.Stop())
        {
            await stop.While(
                others
                    .Take(25)
                    .Select(other => _house.Write(other, StoreHouse.New("fine")))
                    .Append(
                        conflict = Assert.ThrowsAsync<InconsistentStateException>(() =>
                            _house.Write(grain, StoreHouse.New("conflict"))
                        )
                    )
                    .Concat(others.Skip(25).Select(other => _house.Write(other, StoreHouse.New("fine"))))
            );
        }

        Assert.True(conflict.IsCompletedSuccessfully);
        foreach (var other in others)
            Assert.Equal("fine", (await _house.Read(other)).State!.Text);
        Assert.Equal("first", (await _house.Read(grain)).State!.Text);
        Assert.InRange(_house.Commits, 2, 4);
    }

    [StoreFact]
    public async Task Two_writes_of_one_grain_in_one_group_are_applied_in_order()
    {
        _house.UseOneWriter();
        _house.Open();
        var grain = StoreHouse.Fresh();
        var (first, second) = (StoreHouse.New("first"), StoreHouse.New("second"));
        using (var stop = _house.Stop())
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

    [StoreFact]
    public async Task A_full_queue_refuses_at_once_and_queued_writes_are_committed()
    {
        _house.UseOneWriter(maxQueueRows: 8);
        _house.Open();
        var writes = new List<Task>();
        var refused = 0;
        using (var stop = _house.Stop())
        {
            for (var number = 0; number < 64; number++)
            {
                var write = _house.States.WriteStateAsync("note", StoreHouse.Fresh(), StoreHouse.New($"{number}"));
                if (write.IsFaulted)
                {
                    refused++;
                    Assert.Equal(
                        StoreErrorCodes.Overloaded,
                        Assert.IsType<StoreException>(write.Exception!.InnerException).Code
                    );
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

    [StoreFact]
    public async Task Queued_writes_are_committed_before_the_store_closes()
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

    public void Dispose()
    {
        _house.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <inheritdoc cref="GroupCommitTests"/>
public sealed class SqliteGroupCommitTests() : GroupCommitTests(new SqliteHouse());
