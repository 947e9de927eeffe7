using Grid.Codes;
using Grid.Scans;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Scans;

public sealed class VisitsGrainTests(GridFixture grid) : GrainTest(grid)
{
    [Fact]
    public async Task A_scan_is_recorded_once_and_a_repeat_returns_the_first_outcome()
    {
        var visit = NewVisit(NewId("S"));

        var first = await Visits().Append(visit);
        var second = await Visits()
            .Append(visit with { RecordedAt = Start.AddSeconds(5), Reasons = RefusalReasons.TokenExpired });

        Assert.Equal((VisitStatus.Recorded, visit), (first.Status, first.Visit));
        Assert.Equal((VisitStatus.Replayed, visit), (second.Status, second.Visit));
    }

    [Fact]
    public async Task The_same_id_with_other_content_is_a_conflict()
    {
        var visit = NewVisit(NewId("S"));
        await Visits().Append(visit);

        var conflict = await Visits().Append(visit with { Content = visit.Content + 1 });

        Assert.Equal(VisitStatus.Conflict, conflict.Status);
    }

    [Fact]
    public async Task Concurrent_repeats_record_one_scan()
    {
        var visit = NewVisit(NewId("S"));

        var receipts = await Task.WhenAll(
            Enumerable
                .Range(0, 32)
                .Select(i => Visits().Append(visit with { RecordedAt = Start.AddSeconds(i) }).AsTask())
        );

        Assert.Single(receipts, receipt => receipt.Status == VisitStatus.Recorded);
        Assert.Single(receipts.Select(receipt => receipt.Visit.RecordedAt).Distinct());
    }

    [Fact]
    public async Task A_batch_is_answered_in_order_and_each_entry_independently()
    {
        var prefix = NewId("S");
        var visits = Enumerable.Range(0, 20).Select(i => NewVisit($"{prefix}-{i}")).ToArray();

        var receipts = await Visits().AppendMany([.. visits, visits[0] with { Content = 1 }, visits[1]]);

        Assert.Equal(visits, receipts.Take(visits.Length).Select(receipt => receipt.Visit));
        Assert.Equal(
            [VisitStatus.Conflict, VisitStatus.Replayed],
            receipts.Skip(visits.Length).Select(receipt => receipt.Status)
        );
    }

    private IVisitsGrain Visits() => Grains.GetGrain<IVisitsGrain>(0);

    private static Visit NewVisit(string scanId) =>
        new(
            scanId,
            "metro-1",
            "metro-1/door-1",
            Guid.NewGuid(),
            42,
            RefusalReasons.None,
            CodeColour.Green,
            default,
            "张*",
            Start
        );
}
