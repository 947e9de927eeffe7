using Grid.Silo.Stores.Sqlite;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grid.Tests.Stores;

public sealed class SqliteDaysTests : IDisposable
{
    private readonly SqliteHouse _house = new();

    [Fact]
    public async Task Only_days_beyond_the_retention_are_deleted()
    {
        // Only the time of day is fake; it lies in the past.
        var clock = new TestClock();
        var now = clock.GetUtcNow();
        _house.Options.VisitRetentionDays = 3;
        _house.Open();
        var visits =
            from age in Enumerable.Range(0, 6)
            from number in Enumerable.Range(0, 700)
            select StoreHouse.Visit($"{age}-{number}", now.AddDays(-age));
        // Commit all visits before the first deletion: they go to several files with one writer each.
        await Task.WhenAll([.. visits.Select(visit => _house.Visits.AppendAsync(visit).AsTask())])
            .WaitAsync(StoreHouse.Patience);

        using var retention = new SqliteDays(_house.Store, NullLogger<SqliteDays>.Instance, clock);
        await retention.RunOnceAsync(CancellationToken.None).WaitAsync(StoreHouse.Patience);
        Assert.Equal(4 * 700, await Count(now));
        Assert.Equal(0, await retention.RunOnceAsync(CancellationToken.None).WaitAsync(StoreHouse.Patience));

        clock.Advance(TimeSpan.FromDays(1));
        Assert.True(await retention.RunOnceAsync(CancellationToken.None).WaitAsync(StoreHouse.Patience) > 0);
        Assert.Equal(3 * 700, await Count(now));
        _house.Open();
        Assert.Equal(3 * 700, await Count(now));
    }

    public void Dispose() => _house.Dispose();

    private async Task<int> Count(DateTimeOffset now) =>
        await _house.Visits.OfVenueAsync("venue-1", now.AddDays(-30), now.AddDays(1)).CountAsync();
}
