using Grid.Scans;
using Grid.Silo.Stores;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Stores;

public abstract class VisitLogTests : IDisposable
{
    private static readonly DateTimeOffset Morning = new(2026, 1, 4, 7, 40, 0, TimeSpan.FromHours(8));

    private readonly StoreHouse _house;

    private protected VisitLogTests(StoreHouse house) => _house = house.Open();

    public static TheoryData<string> Ids =>
        new()
        {
            Guid.CreateVersion7(Morning).ToString("D"),
            Guid.CreateVersion7(Morning).ToString("D").ToUpperInvariant(),
            Guid.NewGuid().ToString("D"),
            "gate-7/000001",
            "扫码-1",
        };

    [StoreTheory]
    [MemberData(nameof(Ids))]
    public async Task A_visit_is_recorded_once_and_a_repeat_finds_the_first(string scanId)
    {
        var visit = StoreHouse.Visit(scanId, Morning);
        Assert.Equal(new VisitReceipt(VisitStatus.Recorded, visit), await Append(visit));
        var again = visit with { RecordedAt = Morning.AddMinutes(3), Name = "another" };
        Assert.Equal(Told(VisitStatus.Replayed, visit), Told(await Append(again)));
        _house.Open();
        Assert.Equal(Told(VisitStatus.Replayed, visit), Told(await Append(again)));
        Assert.Single(await Found(Morning, Morning.AddDays(1)));
    }

    [StoreTheory]
    [MemberData(nameof(Ids))]
    public async Task Other_content_under_the_same_id_is_a_conflict_and_changes_nothing(string scanId)
    {
        var visit = StoreHouse.Visit(scanId, Morning, content: ulong.MaxValue);
        await Append(visit);
        Assert.Equal(Told(VisitStatus.Conflict, visit), Told(await Append(visit with { Content = 2 })));
        Assert.Equal(Told(VisitStatus.Replayed, visit), Told(await Append(visit)));
    }

    [StoreTheory]
    [MemberData(nameof(Ids))]
    public async Task A_repeat_after_midnight_finds_the_row_of_the_day_before(string scanId)
    {
        var evening = new DateTimeOffset(2026, 1, 4, 23, 59, 59, TimeSpan.FromHours(8));
        var visit = StoreHouse.Visit(scanId, evening);
        await Append(visit);
        Assert.Equal(
            Told(VisitStatus.Replayed, visit),
            Told(await Append(visit with { RecordedAt = evening.AddSeconds(2) }))
        );
    }

    [StoreFact]
    public async Task An_id_that_names_its_day_is_found_for_a_week()
    {
        var id = Guid.CreateVersion7(Morning).ToString("D");
        var visit = StoreHouse.Visit(id, Morning);
        await Append(visit);
        for (var days = 1; days <= VisitDay.WindowDays + 1; days++)
            Assert.Equal(
                Told(VisitStatus.Replayed, visit),
                Told(await Append(visit with { RecordedAt = Morning.AddDays(days) }))
            );
    }

    [StoreFact]
    public async Task An_offline_door_reports_yesterday_and_repeats_it_tomorrow()
    {
        var id = Guid.CreateVersion7(Morning.AddDays(-1)).ToString("D");
        var visit = StoreHouse.Visit(id, Morning);
        Assert.Equal(VisitStatus.Recorded, (await Append(visit)).Status);
        Assert.Equal(VisitStatus.Replayed, (await Append(visit with { RecordedAt = Morning.AddDays(1) })).Status);
    }

    [StoreFact]
    public async Task A_thousand_concurrent_repeats_record_one_row()
    {
        var visit = StoreHouse.Visit(Guid.CreateVersion7(Morning).ToString("D"), Morning);
        var receipts = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => Append(visit)));
        Assert.Single(receipts, receipt => receipt.Status == VisitStatus.Recorded);
        Assert.Equal(999, receipts.Count(receipt => receipt.Status == VisitStatus.Replayed));
    }

    [StoreTheory]
    [InlineData(1)]
    [InlineData(VisitShards.MaxBatch)]
    public async Task A_batch_is_answered_in_order_and_each_entry_independently(int count)
    {
        var visits = Enumerable
            .Range(0, count)
            .Select(number => StoreHouse.Visit(Guid.CreateVersion7(Morning).ToString("D"), Morning, (ulong)number))
            .ToArray();
        await Append(visits[0]);
        visits[^1] = visits[0] with { Content = 99_999 };
        var receipts = await _house.Visits.AppendManyAsync(visits).AsTask().WaitAsync(StoreHouse.Patience);
        Assert.Equal(count, receipts.Length);
        for (var index = 1; index < count - 1; index++)
            Assert.Equal(new VisitReceipt(VisitStatus.Recorded, visits[index]), receipts[index]);
        Assert.Equal(VisitStatus.Conflict, receipts[^1].Status);
    }

    [StoreFact]
    public async Task One_id_twice_in_a_batch_is_one_row()
    {
        var visit = StoreHouse.Visit("twice", Morning);
        var receipts = await _house.Visits.AppendManyAsync([visit, visit]);
        Assert.Equal([VisitStatus.Recorded, VisitStatus.Replayed], receipts.Select(receipt => receipt.Status));
    }

    [StoreFact]
    public async Task A_batch_beyond_the_limit_or_an_id_too_long_is_refused()
    {
        var many = new Visit[VisitShards.MaxBatch + 1];
        Array.Fill(many, StoreHouse.Visit("x", Morning));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _house.Visits.AppendManyAsync(many));
        await Assert.ThrowsAsync<ArgumentException>(() => Append(StoreHouse.Visit(new string('x', 65), Morning)));
        await Assert.ThrowsAsync<ArgumentException>(() => Append(StoreHouse.Visit("", Morning)));
    }

    [StoreFact]
    public async Task Visits_are_found_by_resident_and_by_venue_within_a_window()
    {
        var resident = Guid.NewGuid();
        var visits = Enumerable
            .Range(0, 5_000)
            .Select(minute =>
                StoreHouse.Visit($"scan-{minute}", Morning.AddMinutes(minute), venue: $"venue-{minute % 10}")
            )
            .Select((visit, index) => index % 4 == 0 ? visit with { Resident = resident } : visit)
            .ToArray();
        foreach (var part in visits.Chunk(VisitShards.MaxBatch))
            await _house.Visits.AppendManyAsync(part);
        var (from, until) = (Morning.AddMinutes(1_000), Morning.AddMinutes(4_000));

        var ofResident = await _house.Visits.OfResidentAsync(resident, from, until).ToListAsync();
        Assert.Equal(750, ofResident.Count);
        Assert.All(ofResident, visit => Assert.Contains(visit, visits));
        var ofVenue = await _house.Visits.OfVenueAsync("venue-3", from, until).ToListAsync();
        Assert.Equal(300, ofVenue.Count);
        Assert.All(ofVenue, visit => Assert.InRange(visit.RecordedAt, from, until.AddTicks(-1)));
    }

    public void Dispose()
    {
        _house.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<VisitReceipt> Append(Visit visit) =>
        Task.Run(async () => await _house.Visits.AppendAsync(visit)).WaitAsync(StoreHouse.Patience);

    private async Task<List<Visit>> Found(DateTimeOffset from, DateTimeOffset until) =>
        await _house.Visits.OfVenueAsync("venue-1", from, until).ToListAsync();

    // A stored time has no offset, so compare the instants.
    private static (VisitStatus, Visit) Told(VisitReceipt receipt) => Told(receipt.Status, receipt.Visit);

    private static (VisitStatus, Visit) Told(VisitStatus status, Visit visit) => (status, visit);
}

/// <inheritdoc cref="VisitLogTests"/>
public sealed class SqliteVisitLogTests() : VisitLogTests(new SqliteHouse());
